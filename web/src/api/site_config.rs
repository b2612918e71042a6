//! The site's configuration. The page reads `/config.json` at run time, so one build serves every deployment.

use std::fmt;

use serde::Serialize;

use super::json::Json;

/// The path of the configuration.
pub const CONFIG_URI: &str = "/config.json";

/// The configuration. A key that is absent or null disables that part of the site.
///
/// The keys are those of the workshop's page, and `cognitoEndpoint`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteConfig {
    /// The API that lists mysfits and counts likes and adoptions.
    pub mysfits_api_endpoint: Option<String>,
    /// The API that records profile views.
    pub streaming_api_endpoint: Option<String>,
    /// The API of the contact form.
    pub questions_api_endpoint: Option<String>,
    /// The recommendation API; the empty string is the site's own origin.
    pub recommendations_api_endpoint: Option<String>,
    /// The Cognito user pool.
    pub cognito_user_pool_id: Option<String>,
    /// The app client in that pool.
    pub cognito_user_pool_client_id: Option<String>,
    /// The region of the pool.
    pub aws_region: Option<String>,
    /// The endpoint of Cognito's API. By default, that of AWS in the region.
    pub cognito_endpoint: Option<String>,
}

impl SiteConfig {
    /// Returns the configuration of a site with its recommendation API at the same origin.
    #[must_use]
    pub fn same_origin() -> Self {
        Self { recommendations_api_endpoint: Some(String::new()), ..Self::default() }
    }

    /// Reads the configuration; unknown keys are ignored.
    ///
    /// # Errors
    /// [`SiteConfigError`] if the text is not a JSON object or a known key holds something other than a string or null.
    pub fn parse(json: &str) -> Result<Self, SiteConfigError> {
        let config = Json::parse(json).filter(Json::is_object).ok_or(SiteConfigError::NotJson)?;
        let text = |key| match config.get(key) {
            None => Ok(None),
            Some(value) => value.text().map(Some).ok_or(SiteConfigError::NotText(key)),
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

    /// Returns the URL for a POST of an entry, if there is a recommendation API.
    #[must_use]
    pub fn recommendations_url(&self) -> Option<String> {
        join(self.recommendations_api_endpoint.as_deref(), "/recommendations")
    }

    /// Returns the URL `/mysfits{rest}` of the mysfits API, if there is one.
    #[must_use]
    pub fn mysfits_url(&self, rest: &str) -> Option<String> {
        join(self.mysfits_api_endpoint.as_deref(), &format!("/mysfits{rest}"))
    }

    /// Returns the URL for a PUT of a profile view, if views are recorded.
    #[must_use]
    pub fn clicks_url(&self) -> Option<String> {
        join(self.streaming_api_endpoint.as_deref(), "/clicks")
    }

    /// Returns the URL for a POST of a question, if there is a contact form.
    #[must_use]
    pub fn questions_url(&self) -> Option<String> {
        join(self.questions_api_endpoint.as_deref(), "/questions")
    }

    /// Returns the user pool, if one is configured.
    #[must_use]
    pub fn pool(&self) -> Option<UserPool> {
        let (id, region) = (self.cognito_user_pool_id.as_deref()?, self.aws_region.as_deref()?);
        let endpoint = match self.cognito_endpoint.as_deref() {
            Some(endpoint) => endpoint.to_owned(),
            None => format!("https://cognito-idp.{region}.amazonaws.com/"),
        };
        // Passwords are hashed with the name without the region.
        let name = id.split_once('_').map_or(id, |(_, name)| name).to_owned();
        Some(UserPool { endpoint, name, client: self.cognito_user_pool_client_id.clone()? })
    }
}

/// A Cognito user pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPool {
    /// The endpoint of Cognito's API.
    pub endpoint: String,
    /// The pool's name, without the region.
    pub name: String,
    /// The app client.
    pub client: String,
}

/// Appends a path to an endpoint, with or without a slash at its end.
fn join(endpoint: Option<&str>, path: &str) -> Option<String> {
    Some(endpoint?.trim().trim_end_matches('/').to_owned() + path)
}

/// Why the configuration cannot be read.
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
            Self::NotJson => f.write_str("the configuration is not a JSON object"),
            Self::NotText(key) => write!(f, "{key} must be a string or null"),
        }
    }
}

impl std::error::Error for SiteConfigError {}

#[cfg(test)]
mod tests {
    use super::SiteConfig;

    #[track_caller]
    fn check(json: &str, expected: Option<&str>) {
        let config = SiteConfig::parse(json).expect("a configuration");
        assert_eq!(config.recommendations_url().as_deref(), expected);
    }

    #[test]
    fn joins_paths_to_endpoints_with_or_without_a_slash() {
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
        assert_eq!(SiteConfig::same_origin().recommendations_url().as_deref(), Some("/recommendations"));
    }

    #[test]
    fn returns_the_urls_of_the_configured_services() {
        let all = r#"{"mysfitsApiEndpoint": "https://m.example/", "streamingApiEndpoint": "",
            "questionsApiEndpoint": "https://q.example/prod", "cognitoUserPoolId": "eu-west-1_Abc",
            "cognitoUserPoolClientId": "c", "awsRegion": "eu-west-1"}"#;
        let config = SiteConfig::parse(all).expect("a configuration");
        assert_eq!(config.mysfits_url("/1/like").as_deref(), Some("https://m.example/mysfits/1/like"));
        assert_eq!(config.clicks_url().as_deref(), Some("/clicks"));
        assert_eq!(config.questions_url().as_deref(), Some("https://q.example/prod/questions"));
        let pool = config.pool().expect("a pool");
        assert_eq!((pool.name.as_str(), pool.client.as_str()), ("Abc", "c"));
        assert_eq!(pool.endpoint, "https://cognito-idp.eu-west-1.amazonaws.com/");
        let emulated = all.replace("\"awsRegion\"", "\"cognitoEndpoint\": \"/cognito\", \"awsRegion\"");
        let pool = SiteConfig::parse(&emulated).expect("a configuration").pool().expect("a pool");
        assert_eq!(pool.endpoint, "/cognito");
        assert_eq!(SiteConfig::same_origin().pool(), None);
        assert_eq!(SiteConfig::same_origin().mysfits_url(""), None);
    }

    #[test]
    fn absent_and_null_keys_are_not_configured() {
        check(r#"{"awsRegion": "eu-west-1", "somethingNew": [1]}"#, None);
        check(r#"{"recommendationsApiEndpoint": null}"#, None);
    }

    #[test]
    fn rejects_what_is_not_a_configuration() {
        for json in ["", "[", "<!doctype html>", r#"{"recommendationsApiEndpoint": 1}"#] {
            assert!(SiteConfig::parse(json).is_err(), "{json}");
        }
    }

    /// The hosts of the site write its settings with `mysfits-site`.
    #[test]
    fn has_the_same_keys_as_the_settings_of_the_site() {
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
        let json = serde_json::to_value(&written).expect("JSON");
        let read = SiteConfig::parse(&json.to_string()).expect("a configuration");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), json);
    }

    #[test]
    fn reads_what_it_writes() {
        let json = serde_json::to_string(&SiteConfig::same_origin()).expect("JSON");
        assert_eq!(SiteConfig::parse(&json).expect("a configuration"), SiteConfig::same_origin());
    }
}
