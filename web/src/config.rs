//! The site's settings, read from `/config.json` at run time so that one build serves every deployment.

use std::fmt;

use serde::Serialize;

use crate::json::Json;

/// Where the browser finds the settings.
pub const CONFIG_URI: &str = "/config.json";

/// The settings; a key that is absent or null means that this part of the site is not set up.
///
/// The keys are those of the workshop's page, and one of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Where the mysfits are listed, liked and adopted.
    pub mysfits_api_endpoint: Option<String>,
    /// Where profile views are recorded.
    pub streaming_api_endpoint: Option<String>,
    /// Where the contact form goes.
    pub questions_api_endpoint: Option<String>,
    /// Where recommendations come from; the empty string is the site's own origin.
    pub recommendations_api_endpoint: Option<String>,
    /// The user pool that visitors sign in to.
    pub cognito_user_pool_id: Option<String>,
    /// The site's client in that pool.
    pub cognito_user_pool_client_id: Option<String>,
    /// The region of the pool.
    pub aws_region: Option<String>,
    /// Where the pool's service answers, if not at Amazon's address for the region: a stand-in, for practice.
    pub cognito_endpoint: Option<String>,
}

impl Config {
    /// The settings of a site that is served by the same process as its recommendations.
    #[must_use]
    pub fn same_origin() -> Self {
        Self { recommendations_api_endpoint: Some(String::new()), ..Self::default() }
    }

    /// Reads the settings; unknown keys are ignored.
    ///
    /// # Errors
    /// [`ConfigError`] if the text is not a JSON object or a known key holds something other than a string or null.
    pub fn parse(json: &str) -> Result<Self, ConfigError> {
        let settings = Json::parse(json).filter(Json::is_object).ok_or(ConfigError::NotJson)?;
        let text = |key| match settings.get(key) {
            None => Ok(None),
            Some(value) => value.text().map(Some).ok_or(ConfigError::NotText(key)),
        };
        Ok(Self {
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

    /// Where to POST an entry, if recommendations are set up.
    #[must_use]
    pub fn recommendations_url(&self) -> Option<String> {
        below(self.recommendations_api_endpoint.as_deref(), "/recommendations")
    }

    /// An address of the mysfits' API, by what follows `/mysfits`, if it is set up.
    #[must_use]
    pub fn mysfits_url(&self, rest: &str) -> Option<String> {
        below(self.mysfits_api_endpoint.as_deref(), &format!("/mysfits{rest}"))
    }

    /// Where to PUT that a profile was opened, if that is recorded.
    #[must_use]
    pub fn clicks_url(&self) -> Option<String> {
        below(self.streaming_api_endpoint.as_deref(), "/clicks")
    }

    /// Where to POST a question, if there is somebody to answer it.
    #[must_use]
    pub fn questions_url(&self) -> Option<String> {
        below(self.questions_api_endpoint.as_deref(), "/questions")
    }

    /// The user pool, if one is set up.
    #[must_use]
    pub fn pool(&self) -> Option<Pool> {
        let (id, region) = (self.cognito_user_pool_id.as_deref()?, self.aws_region.as_deref()?);
        let endpoint = match self.cognito_endpoint.as_deref() {
            Some(stand_in) => stand_in.to_owned(),
            None => format!("https://cognito-idp.{region}.amazonaws.com/"),
        };
        // The name without the region is what passwords are hashed with.
        let name = id.split_once('_').map_or(id, |(_, name)| name).to_owned();
        Some(Pool { endpoint, name, client: self.cognito_user_pool_client_id.clone()? })
    }
}

/// A user pool of Amazon Cognito's, or one that speaks as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Where it answers.
    pub endpoint: String,
    /// Its name, without the region.
    pub name: String,
    /// The site's client in it.
    pub client: String,
}

/// An address below an endpoint; a slash at the endpoint's end makes no difference.
fn below(endpoint: Option<&str>, path: &str) -> Option<String> {
    Some(endpoint?.trim().trim_end_matches('/').to_owned() + path)
}

/// Why the settings cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// The text is not a JSON object.
    NotJson,
    /// The value of this key is neither a string nor null.
    NotText(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("the settings are not a JSON object"),
            Self::NotText(key) => write!(f, "the setting {key} must be a string or null"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::Config;

    #[track_caller]
    fn check(json: &str, expected: Option<&str>) {
        let config = Config::parse(json).expect("readable settings");
        assert_eq!(config.recommendations_url().as_deref(), expected);
    }

    #[test]
    fn an_endpoint_is_used_without_its_last_slash() {
        check(
            r#"{"recommendationsApiEndpoint": "https://api.example/prod/"}"#,
            Some("https://api.example/prod/recommendations"),
        );
        check(
            r#"{"recommendationsApiEndpoint": "https://api.example"}"#,
            Some("https://api.example/recommendations"),
        );
    }

    #[test]
    fn the_empty_endpoint_is_the_same_origin() {
        check(r#"{"recommendationsApiEndpoint": ""}"#, Some("/recommendations"));
        assert_eq!(Config::same_origin().recommendations_url().as_deref(), Some("/recommendations"));
    }

    #[test]
    fn the_other_modules_have_addresses_where_they_are_set_up() {
        let all = r#"{"mysfitsApiEndpoint": "https://m.example/", "streamingApiEndpoint": "",
            "questionsApiEndpoint": "https://q.example/prod", "cognitoUserPoolId": "eu-west-1_Abc",
            "cognitoUserPoolClientId": "c", "awsRegion": "eu-west-1"}"#;
        let config = Config::parse(all).expect("readable settings");
        assert_eq!(config.mysfits_url("/1/like").as_deref(), Some("https://m.example/mysfits/1/like"));
        assert_eq!(config.clicks_url().as_deref(), Some("/clicks"));
        assert_eq!(config.questions_url().as_deref(), Some("https://q.example/prod/questions"));
        let pool = config.pool().expect("a pool");
        assert_eq!((pool.name.as_str(), pool.client.as_str()), ("Abc", "c"));
        assert_eq!(pool.endpoint, "https://cognito-idp.eu-west-1.amazonaws.com/");
        let stand_in = all.replace("\"awsRegion\"", "\"cognitoEndpoint\": \"/cognito\", \"awsRegion\"");
        let pool = Config::parse(&stand_in).expect("readable settings").pool().expect("a pool");
        assert_eq!(pool.endpoint, "/cognito");
        assert_eq!(Config::same_origin().pool(), None);
        assert_eq!(Config::same_origin().mysfits_url(""), None);
    }

    #[test]
    fn absent_and_null_are_not_set_up() {
        check(r#"{"awsRegion": "eu-west-1", "somethingNew": [1]}"#, None);
        check(r#"{"recommendationsApiEndpoint": null}"#, None);
    }

    #[test]
    fn what_is_not_settings_is_an_error() {
        for json in ["", "[", "<!doctype html>", r#"{"recommendationsApiEndpoint": 1}"#] {
            assert!(Config::parse(json).is_err(), "{json}");
        }
    }

    /// Whoever serves the site writes settings by `mysfits-site`; the page reads each of them, and knows no other.
    #[test]
    fn the_page_knows_the_settings_that_the_site_has() {
        let text = |value: &str| Some(value.to_owned());
        let written = mysfits_site::settings::Settings {
            mysfits_api_endpoint: text("a"),
            streaming_api_endpoint: text("b"),
            questions_api_endpoint: text("c"),
            recommendations_api_endpoint: text("d"),
            cognito_user_pool_id: text("e"),
            cognito_user_pool_client_id: text("f"),
            aws_region: text("g"),
            cognito_endpoint: text("h"),
        };
        let json = serde_json::to_value(&written).expect("serialisable");
        let read = Config::parse(&json.to_string()).expect("readable");
        assert_eq!(serde_json::to_value(&read).expect("serialisable"), json);
    }

    #[test]
    fn writing_and_reading_agree() {
        let json = serde_json::to_string(&Config::same_origin()).expect("serialisable");
        assert_eq!(Config::parse(&json).expect("readable"), Config::same_origin());
    }
}
