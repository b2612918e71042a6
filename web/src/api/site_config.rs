//! The site's settings, read with the browser's JSON parser.

use std::fmt;

use mysfits_site::settings::SiteSettings;

use super::json::Json;

/// The path of the settings.
pub const CONFIG_URI: &str = "/config.json";

/// Reads the settings; unknown keys are ignored.
///
/// # Errors
/// [`SiteConfigError`] if the text is not a JSON object or a known key holds something other than a string or null.
pub fn parse(json: &str) -> Result<SiteSettings, SiteConfigError> {
    let settings = Json::parse(json).filter(Json::is_object).ok_or(SiteConfigError::NotJson)?;
    let text = |key| match settings.get(key) {
        None => Ok(None),
        Some(value) => value.text().map(Some).ok_or(SiteConfigError::NotText(key)),
    };
    Ok(SiteSettings {
        mysfits_api_endpoint: text("mysfitsApiEndpoint")?,
        streaming_api_endpoint: text("streamingApiEndpoint")?,
        questions_api_endpoint: text("questionsApiEndpoint")?,
        recommendations_api_endpoint: text("recommendationsApiEndpoint")?,
        cognito_user_pool_id: text("cognitoUserPoolId")?,
        cognito_user_pool_client_id: text("cognitoUserPoolClientId")?,
        aws_region: text("awsRegion")?,
        cognito_endpoint: text("cognitoEndpoint")?,
    })
}

/// Why the settings cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteConfigError {
    /// The text is not a JSON object.
    NotJson,
    /// The value of this key is neither a string nor null.
    NotText(&'static str),
}

impl fmt::Display for SiteConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("the settings are not a JSON object"),
            Self::NotText(key) => write!(f, "{key} must be a string or null"),
        }
    }
}

impl std::error::Error for SiteConfigError {}

#[cfg(test)]
mod tests {
    use super::{SiteSettings, parse};

    #[test]
    fn rejects_what_is_not_settings() {
        for json in ["", "[", "<!doctype html>", r#"{"recommendationsApiEndpoint": 1}"#] {
            assert!(parse(json).is_err(), "{json}");
        }
    }

    #[test]
    fn ignores_unknown_keys_and_null() {
        assert_eq!(parse(r#"{"somethingNew": [1], "awsRegion": null}"#), Ok(SiteSettings::default()));
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
        };
        assert_eq!(parse(&serde_json::to_string(&settings).expect("JSON")), Ok(settings));
    }
}
