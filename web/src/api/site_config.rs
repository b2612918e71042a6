//! The site's settings, read with the browser's JSON parser.

use mysfits_site::settings::SiteSettings;

use super::json::Json;

/// The path of the settings.
pub const CONFIG_URI: &str = "/config.json";

/// Reads the settings; unknown keys are ignored. `None` if the text is not a JSON object, or a known key holds something other
/// than a string or null.
pub fn parse(json: &str) -> Option<SiteSettings> {
    let settings = Json::parse(json).filter(Json::is_object)?;
    let text = |key| settings.get(key).map_or(Some(None), |value| value.text().map(Some));
    Some(SiteSettings {
        mysfits_api_endpoint: text("mysfitsApiEndpoint")?,
        streaming_api_endpoint: text("streamingApiEndpoint")?,
        questions_api_endpoint: text("questionsApiEndpoint")?,
        recommendations_api_endpoint: text("recommendationsApiEndpoint")?,
        cognito_user_pool_id: text("cognitoUserPoolId")?,
        cognito_user_pool_client_id: text("cognitoUserPoolClientId")?,
        aws_region: text("awsRegion")?,
        cognito_endpoint: text("cognitoEndpoint")?,
        feedback_endpoint: text("feedbackEndpoint")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{SiteSettings, parse};

    #[test]
    fn rejects_what_is_not_settings() {
        for json in ["", "[", "<!doctype html>", r#"{"recommendationsApiEndpoint": 1}"#] {
            assert_eq!(parse(json), None, "{json}");
        }
    }

    #[test]
    fn ignores_unknown_keys_and_null() {
        assert_eq!(parse(r#"{"somethingNew": [1], "awsRegion": null}"#), Some(SiteSettings::default()));
    }

    #[test]
    fn reads_every_setting() {
        let text = |value: &str| Some(value.to_owned());
        let settings = SiteSettings {
            mysfits_api_endpoint: text("a"),
            streaming_api_endpoint: text("b"),
            questions_api_endpoint: text("c"),
            recommendations_api_endpoint: text("d"),
            cognito_user_pool_id: text("e"),
            cognito_user_pool_client_id: text("f"),
            aws_region: text("g"),
            cognito_endpoint: text("h"),
            feedback_endpoint: text("i"),
        };
        assert_eq!(parse(&serde_json::to_string(&settings).expect("JSON")), Some(settings));
    }
}
