//! The site's settings, `/config.json`: what the page reads when it runs, so that one build serves every deployment.
//!
//! The keys are those of the workshop's page, and one of our own, `cognitoEndpoint`. A key that is absent or null means that this
//! part of the site is not set up, and the page does not show it. An endpoint that is the empty string is the site's own
//! origin; one that begins with a slash is a path of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The file of the settings.
pub const CONFIG: &str = "config.json";

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Where the mysfits are listed, liked and adopted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mysfits_api_endpoint: Option<String>,
    /// Where profile views are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming_api_endpoint: Option<String>,
    /// Where the contact form goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions_api_endpoint: Option<String>,
    /// Where recommendations come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendations_api_endpoint: Option<String>,
    /// The user pool that visitors sign in to: `REGION_NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cognito_user_pool_id: Option<String>,
    /// The site's client in that pool, one without a secret: a page cannot keep one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cognito_user_pool_client_id: Option<String>,
    /// The region of the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_region: Option<String>,
    /// Where Cognito's API is, for stand-ins; absent means AWS's own address in the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cognito_endpoint: Option<String>,
}

/// The keys, as they are spelled.
const KEYS: [&str; 8] = [
    "mysfitsApiEndpoint",
    "streamingApiEndpoint",
    "questionsApiEndpoint",
    "recommendationsApiEndpoint",
    "cognitoUserPoolId",
    "cognitoUserPoolClientId",
    "awsRegion",
    "cognitoEndpoint",
];

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The text is not JSON.
    #[error("the settings are not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// The JSON is not an object.
    #[error("the settings are not a JSON object")]
    NotObject,
    /// A key that the page does not know.
    #[error("{0:?} is no setting of the site; the settings are {keys}", keys = KEYS.join(", "))]
    UnknownKey(String),
    /// A value that is neither text nor null.
    #[error("{key} is {found}; it must be a string or null")]
    NotText {
        /// Of which key.
        key: String,
        /// The value, as JSON.
        found: Value,
    },
    /// An endpoint that the page could not call.
    #[error(
        "{key} is {value:?}; it must be https://HOST with or without a path, a path that begins with /, or empty for the site's own origin"
    )]
    NotEndpoint {
        /// Of which key.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// A sign-in that lacks a part.
    #[error(
        "{given} is set but {missing} is not; signing in needs cognitoUserPoolId, cognitoUserPoolClientId and awsRegion"
    )]
    Incomplete {
        /// Which key is there.
        given: &'static str,
        /// Which is not.
        missing: &'static str,
    },
}

impl Settings {
    /// Reads settings, forgiving: what is not understood is left out, as the page does.
    #[must_use]
    pub fn read(json: &[u8]) -> Self {
        let Ok(Value::Object(mut settings)) = serde_json::from_slice(json) else { return Self::default() };
        settings.retain(|_, value| value.is_string());
        serde_json::from_value(Value::Object(settings)).unwrap_or_default()
    }

    /// Reads settings that a person wrote, strictly: a key that is misspelled would silently switch a part of the site off.
    ///
    /// # Errors
    /// [`SettingsError`], which names the key, the value and what it must be.
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

    /// The endpoints by their keys.
    fn endpoints(&self) -> [(&'static str, Option<&str>); 5] {
        [
            (KEYS[0], self.mysfits_api_endpoint.as_deref()),
            (KEYS[1], self.streaming_api_endpoint.as_deref()),
            (KEYS[2], self.questions_api_endpoint.as_deref()),
            (KEYS[3], self.recommendations_api_endpoint.as_deref()),
            (KEYS[7], self.cognito_endpoint.as_deref()),
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

    /// The origins besides the site's own that the page calls, each once and in alphabetical order: for the
    /// `connect-src` of its policy.
    #[must_use]
    pub fn origins(&self) -> BTreeSet<String> {
        let endpoints = self.endpoints().into_iter().filter_map(|(_, endpoint)| origin(endpoint?));
        let mut origins: BTreeSet<String> = endpoints.map(str::to_owned).collect();
        if let (Some(_), Some(region), None) =
            (&self.cognito_user_pool_id, &self.aws_region, &self.cognito_endpoint)
        {
            origins.extend(origin(&format!("https://cognito-idp.{region}.amazonaws.com")).map(str::to_owned));
        }
        origins
    }
}

/// The origin of a URL: scheme and authority, as a content security policy names it; none for what is no URL over HTTP, or
/// has a character in its authority that would end a policy's directive.
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

    use super::{KEYS, Settings, origin};

    /// Every key has a value.
    fn all() -> Settings {
        let text = || Some("https://a.example/x".to_owned());
        Settings {
            mysfits_api_endpoint: text(),
            streaming_api_endpoint: text(),
            questions_api_endpoint: text(),
            recommendations_api_endpoint: text(),
            cognito_user_pool_id: text(),
            cognito_user_pool_client_id: text(),
            aws_region: text(),
            cognito_endpoint: text(),
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
            serde_json::to_string(&Settings::default()).unwrap(),
            "{}",
            "what is not set up is not named"
        );
        assert_eq!(Settings::read(written.to_string().as_bytes()), all());
    }

    #[test]
    fn the_page_calls_what_the_settings_name() {
        let settings = json!({
            "mysfitsApiEndpoint": "https://b.example/prod/",
            "streamingApiEndpoint": "https://a.example",
            "questionsApiEndpoint": "",
            "recommendationsApiEndpoint": "https://b.example/other",
            "cognitoUserPoolId": "eu-west-1_abc",
            "cognitoUserPoolClientId": "client",
            "awsRegion": "eu-west-1",
        });
        let mut settings = Settings::parse(settings.to_string().as_bytes()).unwrap();
        let origins: Vec<_> = settings.origins().into_iter().collect();
        assert_eq!(
            origins,
            ["https://a.example", "https://b.example", "https://cognito-idp.eu-west-1.amazonaws.com"]
        );
        settings.cognito_endpoint = Some("/cognito".to_owned());
        assert_eq!(settings.origins().len(), 2, "a stand-in of the site's own");
    }

    #[track_caller]
    fn check_refused(json: &str, expected: Expect) {
        expected.assert_eq(&Settings::parse(json.as_bytes()).unwrap_err().to_string());
    }

    #[test]
    fn what_a_person_got_wrong_is_named() {
        check_refused("[]", expect!["the settings are not a JSON object"]);
        check_refused(
            r#"{"mysfitApiEndpoint": ""}"#,
            expect![[
                r#""mysfitApiEndpoint" is no setting of the site; the settings are mysfitsApiEndpoint, streamingApiEndpoint, questionsApiEndpoint, recommendationsApiEndpoint, cognitoUserPoolId, cognitoUserPoolClientId, awsRegion, cognitoEndpoint"#
            ]],
        );
        check_refused(r#"{"awsRegion": 1}"#, expect!["awsRegion is 1; it must be a string or null"]);
        check_refused(
            r#"{"questionsApiEndpoint": "example.org"}"#,
            expect![[
                r#"questionsApiEndpoint is "example.org"; it must be https://HOST with or without a path, a path that begins with /, or empty for the site's own origin"#
            ]],
        );
        check_refused(
            r#"{"cognitoUserPoolId": "a_b", "awsRegion": "a"}"#,
            expect![
                "cognitoUserPoolId is set but cognitoUserPoolClientId is not; signing in needs cognitoUserPoolId, cognitoUserPoolClientId and awsRegion"
            ],
        );
        assert!(Settings::parse(b"{").unwrap_err().to_string().starts_with("the settings are not JSON: "));
        assert_eq!(Settings::parse(br#"{"awsRegion": null}"#).unwrap(), Settings::default());
    }

    #[test]
    fn the_page_forgives() {
        for json in ["", "[]", "{}", r#"{"awsRegion": 1, "more": []}"#] {
            assert_eq!(Settings::read(json.as_bytes()), Settings::default(), "{json}");
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
}
