//! Who is signed in: the identity token of a user pool, kept as long as the tab lives.

use crate::json::Json;

/// A signed-in visitor.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The token that services are shown.
    pub token: String,
    /// The visitor's id in the pool.
    pub user: String,
    /// The address that the visitor signs in with.
    pub email: String,
    /// Until when the token is good, in seconds since 1970.
    expires: f64,
}

impl Session {
    /// Reads a token; `decode` undoes base64. None if it is not one. Whether it is genuine is for those to say whom it is shown.
    pub fn read(token: &str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        let payload = String::from_utf8(decode(&payload)?).ok()?;
        let claims = Json::parse(&payload)?;
        Some(Self {
            token: token.to_owned(),
            user: claims.get("sub")?.text()?,
            email: claims.get("email")?.text()?,
            expires: claims.get("exp")?.number()?,
        })
    }

    /// Whether the token is still good at a time in seconds since 1970.
    pub fn is_good_at(&self, now: f64) -> bool {
        now < self.expires
    }

    /// What the visitor is called on the page: what stands before the address's `@`.
    pub fn name(&self) -> &str {
        self.email.split('@').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stand-in for the browser's decoder: the tests' payloads are not encoded.
    fn plain(text: &str) -> Option<Vec<u8>> {
        (!text.is_empty()).then(|| text.as_bytes().to_vec())
    }

    #[test]
    fn a_token_says_who_and_until_when() {
        let token = r#"head.{"sub":"u1","email":"mina@mysfits.example","exp":100}.signature"#;
        // A dot would end the payload: this stand-in has none within.
        let token = token.replace("mysfits.example", "mysfits");
        let session = Session::read(&token, plain).expect("a session");
        assert_eq!((session.user.as_str(), session.name()), ("u1", "mina"));
        assert!(session.is_good_at(99.0) && !session.is_good_at(100.0));
    }

    #[test]
    fn what_is_no_token_is_nobody() {
        for token in ["", "a.b", "a.{}.c", r#"a.{"sub":"1","exp":1}.c"#, "a.[].c"] {
            assert_eq!(Session::read(token, plain), None, "{token}");
        }
        assert_eq!(Session::read("a.{}.c", |_| None), None);
    }
}
