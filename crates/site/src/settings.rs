//! The site's settings. The page reads `/config.json` at run time, so one build serves every deployment.
//!
//! The keys are those of the workshop's page, `cognitoEndpoint` and `feedbackEndpoint`. The page does not show a part of the site whose key is absent
//! or null. An endpoint that is the empty string is the site's own origin; one that begins with a slash is a path of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The path of the settings, without a leading slash.
pub const CONFIG: &str = "config.json";

/// The settings of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SiteSettings {
    /// The API that lists mysfits and counts likes and adoptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mysfits_api_endpoint: Option<String>,
    /// The API that records profile views.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming_api_endpoint: Option<String>,
    /// The API of the contact form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions_api_endpoint: Option<String>,
    /// The recommendation API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendations_api_endpoint: Option<String>,
    /// The id of the Cognito user pool, `REGION_NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cognito_user_pool_id: Option<String>,
    /// The id of the app client in that pool. The client must have no secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cognito_user_pool_client_id: Option<String>,
    /// The region of the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_region: Option<String>,
    /// The endpoint of Cognito's API, for emulators. By default, that of AWS in the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cognito_endpoint: Option<String>,
    /// The API that stores what visitors say about their recommendations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback_endpoint: Option<String>,
}

/// The keys, in the order of the fields.
const KEYS: [&str; 9] = [
    "mysfitsApiEndpoint",
    "streamingApiEndpoint",
    "questionsApiEndpoint",
    "recommendationsApiEndpoint",
    "cognitoUserPoolId",
    "cognitoUserPoolClientId",
    "awsRegion",
    "cognitoEndpoint",
    "feedbackEndpoint",
];

/// Why settings are invalid.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The text is not JSON.
    #[error("the settings are not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// The JSON is not an object.
    #[error("the settings are not a JSON object")]
    NotObject,
    /// An unknown key.
    #[error("unknown setting {0:?}; expected one of {keys}", keys = KEYS.join(", "))]
    UnknownKey(String),
    /// A value that is neither a string nor null.
    #[error("invalid value for {key}: {found} (expected a string or null)")]
    NotText {
        /// The key.
        key: String,
        /// The value, as JSON.
        found: Value,
    },
    /// An invalid endpoint.
    #[error(
        "invalid value for {key}: {value:?} (expected https://HOST with or without a path, a path that begins with /, or an empty string for the site's own origin)"
    )]
    NotEndpoint {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// A setting for sign-in without the others that it needs.
    #[error(
        "{given} is set but {missing} is not; signing in needs cognitoUserPoolId, cognitoUserPoolClientId and awsRegion"
    )]
    Incomplete {
        /// The key that is set.
        given: &'static str,
        /// The key that is missing.
        missing: &'static str,
    },
}

impl SiteSettings {
    /// Reads settings and ignores invalid keys and values, as the page does.
    #[must_use]
    pub fn parse_lenient(json: &[u8]) -> Self {
        let Ok(Value::Object(mut settings)) = serde_json::from_slice(json) else { return Self::default() };
        settings.retain(|_, value| value.is_string());
        serde_json::from_value(Value::Object(settings)).unwrap_or_default()
    }

    /// Reads and checks settings. With a misspelled key, the page would not show a part of the site.
    ///
    /// # Errors
    /// [`SettingsError`] with the key, the value and what is expected.
    pub fn parse(json: &[u8]) -> Result<Self, SettingsError> {
        let value: Value = serde_json::from_slice(json).map_err(SettingsError::NotJson)?;
        let Value::Object(object) = &value else { return Err(SettingsError::NotObject) };
        for (key, value) in object {
            if !KEYS.contains(&key.as_str()) {
                return Err(SettingsError::UnknownKey(key.clone()));
            }
            if !value.is_string() && !value.is_null() {
                return Err(SettingsError::NotText { key: key.clone(), found: value.clone() });
            }
        }
        let settings: Self = serde_json::from_value(value).map_err(SettingsError::NotJson)?;
        settings.check()?;
        Ok(settings)
    }

    /// Returns the endpoints with their keys.
    fn endpoints(&self) -> [(&'static str, Option<&str>); 6] {
        [
            (KEYS[0], self.mysfits_api_endpoint.as_deref()),
            (KEYS[1], self.streaming_api_endpoint.as_deref()),
            (KEYS[2], self.questions_api_endpoint.as_deref()),
            (KEYS[3], self.recommendations_api_endpoint.as_deref()),
            (KEYS[7], self.cognito_endpoint.as_deref()),
            (KEYS[8], self.feedback_endpoint.as_deref()),
        ]
    }

    fn check(&self) -> Result<(), SettingsError> {
        for (key, value) in self.endpoints() {
            let Some(value) = value else { continue };
            let is_own = value.is_empty() || (value.starts_with('/') && !value.starts_with("//"));
            if !is_own && origin(value).is_none() {
                return Err(SettingsError::NotEndpoint { key, value: value.to_owned() });
            }
        }
        let of_cognito = [
            (KEYS[4], self.cognito_user_pool_id.is_some()),
            (KEYS[5], self.cognito_user_pool_client_id.is_some()),
        ];
        match of_cognito {
            [(given, true), (missing, false)] | [(missing, false), (given, true)] => {
                Err(SettingsError::Incomplete { given, missing })
            }
            [(given, true), _] if self.aws_region.is_none() => {
                Err(SettingsError::Incomplete { given, missing: KEYS[6] })
            }
            _ => Ok(()),
        }
    }

    /// Returns the other origins that the page calls, sorted, for `connect-src` in the content security policy.
    #[must_use]
    pub fn origins(&self) -> BTreeSet<String> {
        let endpoints = self.endpoints().into_iter().filter_map(|(_, endpoint)| origin(endpoint?));
        let mut origins: BTreeSet<String> = endpoints.map(str::to_owned).collect();
        if let (Some(_), Some(url)) = (&self.cognito_user_pool_id, self.cognito_url()) {
            origins.extend(origin(&url).map(str::to_owned));
        }
        origins
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

    /// Returns the URL for a POST of feedback, if it is stored.
    #[must_use]
    pub fn feedback_url(&self) -> Option<String> {
        join(self.feedback_endpoint.as_deref(), "/feedback")
    }

    /// Returns the user pool, if one is configured.
    #[must_use]
    pub fn user_pool(&self) -> Option<UserPool> {
        let (id, _) = (self.cognito_user_pool_id.as_deref()?, self.aws_region.as_deref()?);
        // Passwords are hashed with the name without the region.
        let name = id.split_once('_').map_or(id, |(_, name)| name).to_owned();
        Some(UserPool {
            endpoint: self.cognito_url()?,
            name,
            client: self.cognito_user_pool_client_id.clone()?,
        })
    }

    /// Returns the URL of Cognito's API.
    fn cognito_url(&self) -> Option<String> {
        let aws = || Some(format!("https://cognito-idp.{}.amazonaws.com/", self.aws_region.as_deref()?));
        self.cognito_endpoint.clone().or_else(aws)
    }
}

/// A Cognito user pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPool {
    /// The endpoint of Cognito's API.
    pub endpoint: String,
    /// The pool's name, without the region.
    pub name: String,
    /// The id of the app client.
    pub client: String,
}

/// Appends a path to an endpoint, with or without a slash at its end.
fn join(endpoint: Option<&str>, path: &str) -> Option<String> {
    Some(endpoint?.trim().trim_end_matches('/').to_owned() + path)
}

/// Returns the origin of a URL, scheme and authority, as a content security policy names it. `None` if it is not an HTTP URL, or has
/// a character in its authority that would end a directive.
#[must_use]
pub fn origin(url: &str) -> Option<&str> {
    let authority = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let length = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let is_host = length > 0 && authority[..length].bytes().all(is_plain);
    is_host.then(|| &url[..url.len() - authority.len() + length])
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::{KEYS, SiteSettings, origin};

    /// Returns settings with a value for every key.
    fn all() -> SiteSettings {
        let text = || Some("https://a.example/x".to_owned());
        SiteSettings {
            mysfits_api_endpoint: text(),
            streaming_api_endpoint: text(),
            questions_api_endpoint: text(),
            recommendations_api_endpoint: text(),
            cognito_user_pool_id: text(),
            cognito_user_pool_client_id: text(),
            aws_region: text(),
            cognito_endpoint: text(),
            feedback_endpoint: text(),
        }
    }

    #[test]
    fn the_keys_are_the_fields() {
        let written = serde_json::to_value(all()).unwrap();
        let mut keys: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let mut expected = KEYS;
        expected.sort_unstable();
        assert_eq!(keys, expected);
        assert_eq!(
            serde_json::to_string(&SiteSettings::default()).unwrap(),
            "{}",
            "absent settings are not written"
        );
        assert_eq!(SiteSettings::parse_lenient(written.to_string().as_bytes()), all());
    }

    #[test]
    fn returns_the_origins_of_all_endpoints() {
        let settings = json!({
            "mysfitsApiEndpoint": "https://b.example/prod/",
            "streamingApiEndpoint": "https://a.example",
            "questionsApiEndpoint": "",
            "recommendationsApiEndpoint": "https://b.example/other",
            "cognitoUserPoolId": "eu-west-1_abc",
            "cognitoUserPoolClientId": "client",
            "awsRegion": "eu-west-1",
        });
        let mut settings = SiteSettings::parse(settings.to_string().as_bytes()).unwrap();
        let origins: Vec<_> = settings.origins().into_iter().collect();
        assert_eq!(
            origins,
            ["https://a.example", "https://b.example", "https://cognito-idp.eu-west-1.amazonaws.com"]
        );
        settings.cognito_endpoint = Some("/cognito".to_owned());
        assert_eq!(settings.origins().len(), 2, "an emulator at the site's own origin");
    }

    #[track_caller]
    fn check_refused(json: &str, expected: Expect) {
        expected.assert_eq(&SiteSettings::parse(json.as_bytes()).unwrap_err().to_string());
    }

    #[test]
    fn names_the_invalid_key_or_value() {
        check_refused("[]", expect!["the settings are not a JSON object"]);
        check_refused(
            r#"{"mysfitApiEndpoint": ""}"#,
            expect![[
                r#"unknown setting "mysfitApiEndpoint"; expected one of mysfitsApiEndpoint, streamingApiEndpoint, questionsApiEndpoint, recommendationsApiEndpoint, cognitoUserPoolId, cognitoUserPoolClientId, awsRegion, cognitoEndpoint, feedbackEndpoint"#
            ]],
        );
        check_refused(
            r#"{"awsRegion": 1}"#,
            expect!["invalid value for awsRegion: 1 (expected a string or null)"],
        );
        check_refused(
            r#"{"questionsApiEndpoint": "example.org"}"#,
            expect![[
                r#"invalid value for questionsApiEndpoint: "example.org" (expected https://HOST with or without a path, a path that begins with /, or an empty string for the site's own origin)"#
            ]],
        );
        check_refused(
            r#"{"cognitoUserPoolId": "a_b", "awsRegion": "a"}"#,
            expect![
                "cognitoUserPoolId is set but cognitoUserPoolClientId is not; signing in needs cognitoUserPoolId, cognitoUserPoolClientId and awsRegion"
            ],
        );
        assert!(
            SiteSettings::parse(b"{").unwrap_err().to_string().starts_with("the settings are not JSON: ")
        );
        assert_eq!(SiteSettings::parse(br#"{"awsRegion": null}"#).unwrap(), SiteSettings::default());
    }

    #[test]
    fn ignores_invalid_settings() {
        for json in ["", "[]", "{}", r#"{"awsRegion": 1, "more": []}"#] {
            assert_eq!(SiteSettings::parse_lenient(json.as_bytes()), SiteSettings::default(), "{json}");
        }
    }

    #[test]
    fn an_origin_is_scheme_and_authority() {
        assert_eq!(
            origin("https://a1.execute-api.eu-west-1.amazonaws.com/prod/"),
            Some("https://a1.execute-api.eu-west-1.amazonaws.com")
        );
        assert_eq!(origin("http://127.0.0.1:4566/a/prod"), Some("http://127.0.0.1:4566"));
        assert_eq!(origin("http://[::1]:80?x"), Some("http://[::1]:80"));
        assert_eq!(origin("https://x.example"), Some("https://x.example"));
        for none in [
            "https:///path",
            "x.example",
            "ftp://x.example",
            "https://a;b/",
            "https://a b",
            "https://'self'",
            "",
        ] {
            assert_eq!(origin(none), None, "{none}");
        }
    }

    fn same_origin() -> SiteSettings {
        SiteSettings { recommendations_api_endpoint: Some(String::new()), ..SiteSettings::default() }
    }

    #[track_caller]
    fn check(json: &str, expected: Option<&str>) {
        let settings = SiteSettings::parse(json.as_bytes()).unwrap();
        assert_eq!(settings.recommendations_url().as_deref(), expected);
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
        assert_eq!(same_origin().recommendations_url().as_deref(), Some("/recommendations"));
    }

    #[test]
    fn returns_the_urls_of_the_configured_services() {
        let all = r#"{"mysfitsApiEndpoint": "https://m.example/", "streamingApiEndpoint": "",
            "questionsApiEndpoint": "https://q.example/prod", "cognitoUserPoolId": "eu-west-1_Abc",
            "cognitoUserPoolClientId": "c", "awsRegion": "eu-west-1",
            "feedbackEndpoint": "https://f.example/"}"#;
        let settings = SiteSettings::parse(all.as_bytes()).unwrap();
        assert_eq!(settings.feedback_url().as_deref(), Some("https://f.example/feedback"));
        assert_eq!(settings.mysfits_url("/1/like").as_deref(), Some("https://m.example/mysfits/1/like"));
        assert_eq!(settings.clicks_url().as_deref(), Some("/clicks"));
        assert_eq!(settings.questions_url().as_deref(), Some("https://q.example/prod/questions"));
        let pool = settings.user_pool().unwrap();
        assert_eq!((pool.name.as_str(), pool.client.as_str()), ("Abc", "c"));
        assert_eq!(pool.endpoint, "https://cognito-idp.eu-west-1.amazonaws.com/");
        let emulated = all.replace("\"awsRegion\"", "\"cognitoEndpoint\": \"/cognito\", \"awsRegion\"");
        let pool = SiteSettings::parse(emulated.as_bytes()).unwrap().user_pool().unwrap();
        assert_eq!(pool.endpoint, "/cognito");
        assert_eq!(same_origin().user_pool(), None);
        assert_eq!(same_origin().mysfits_url(""), None);
        assert_eq!(same_origin().feedback_url(), None);
    }

    #[test]
    fn absent_and_null_settings_have_no_url() {
        check(r#"{"awsRegion": "eu-west-1"}"#, None);
        check(r#"{"recommendationsApiEndpoint": null}"#, None);
    }
}
