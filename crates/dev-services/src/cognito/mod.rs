//! A fake of an Amazon Cognito user pool: `POST /cognito`, the AWS JSON protocol, sign-in by SRP.
//!
//! It has the operations that the page calls: `SignUp`, `ConfirmSignUp`, `ResendConfirmationCode`, `ForgotPassword`,
//! `ConfirmForgotPassword`, `InitiateAuth` (`USER_SRP_AUTH`), `RespondToAuthChallenge` (`PASSWORD_VERIFIER`) and `DeleteUser`. Any
//! client of Cognito can use it; the AWS SDKs call the path with a slash at its end. Codes are not mailed, but passed to a callback,
//! which logs them in `dev`.
//!
//! Tokens cannot be refreshed, and there is no second factor.

mod code;
mod error;
mod pool;
mod srp;
mod system;
mod token;
mod validation;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use axum::{
    Router,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use self::{error::CognitoError, pool::MAX_USERS, token::TokenError};
use self::{
    pool::{Pool, Proof, User},
    system::random,
    token::{LIFETIME, Signer},
};

/// The path of the pool on the site's own origin.
pub const PATH: &str = "/cognito";
/// The pool's region.
pub const REGION: &str = "local";
/// The pool's id without its region. It is part of every proof of a password.
pub(crate) const POOL_NAME: &str = "mysfits";
/// The pool's id.
pub const POOL_ID: &str = "local_mysfits";
/// The only client of the pool. It has no secret, because a page cannot keep one.
pub const CLIENT_ID: &str = "localmysfitssite";
/// The prefix of the operation's name in the header.
const TARGET: &str = "AWSCognitoIdentityProviderService.";
const MEDIA_TYPE: &str = "application/x-amz-json-1.1";
const AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const AMZN_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const AMZN_ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Why a code is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeReason {
    /// The account was just created.
    SignUp,
    /// The visitor requested another code.
    Resend,
    /// The visitor forgot the password.
    Reset,
}

/// Receives the codes that Cognito would mail.
pub type Deliver = Box<dyn Fn(CodeReason, &str) + Send + Sync>;

/// Logs a code, without the user's name.
pub fn log_code(reason: CodeReason, code: &str) {
    match reason {
        CodeReason::SignUp => tracing::info!("confirmation code for the account just created: {code}"),
        CodeReason::Resend => tracing::info!("confirmation code, sent once more: {code}"),
        CodeReason::Reset => tracing::info!("code to reset a password: {code}"),
    }
}

/// A user pool.
pub struct Cognito {
    pool: Mutex<Pool>,
    signer: Signer,
    deliver: Deliver,
}

impl fmt::Debug for Cognito {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Users and keys are secret.
        f.debug_struct("Cognito").finish_non_exhaustive()
    }
}

impl Cognito {
    /// Returns an empty pool with random keys.
    ///
    /// # Errors
    /// [`CognitoError::Internal`] if the system has no random numbers.
    pub fn new(deliver: Deliver) -> Result<Self, CognitoError> {
        let signer = Signer::new(&random()?).ok_or(CognitoError::Internal)?;
        Ok(Self { pool: Mutex::new(Pool::new(random()?)), signer, deliver })
    }

    /// Checks that a text is an id token of this pool that has not expired.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check_id_token(&self, token: &str, now: SystemTime) -> Result<(), TokenError> {
        self.signer.check_id_token(token, CLIENT_ID, now)
    }

    /// Executes an operation.
    ///
    /// # Errors
    /// [`CognitoError`], which is Cognito's exception.
    pub fn call(&self, operation: &str, body: &[u8], now: SystemTime) -> Result<Value, CognitoError> {
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
            return Err(CognitoError::Serialization);
        };
        let body = Members(&body);
        let does: fn(&Self, &Members<'_>, SystemTime) -> Result<Value, CognitoError> = match operation {
            "SignUp" => Self::sign_up,
            "ConfirmSignUp" => Self::confirm,
            "ResendConfirmationCode" => Self::resend,
            "ForgotPassword" => Self::forgot_password,
            "ConfirmForgotPassword" => Self::confirm_forgot_password,
            "InitiateAuth" => Self::initiate,
            "RespondToAuthChallenge" => Self::respond,
            // Its client is that of the token.
            "DeleteUser" => return self.delete_user(&body, now),
            _ => return Err(CognitoError::UnknownOperation),
        };
        body.check_client()?;
        does(self, &body, now)
    }

    fn sign_up(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let (username, password) = (body.text("Username")?, body.text("Password")?);
        let attributes = body.0.get("UserAttributes").and_then(Value::as_array);
        let email = attributes.into_iter().flatten().find(|attribute| attribute["Name"] == "email");
        let email = email.and_then(|attribute| attribute["Value"].as_str());
        let (id, code) = self.pool().sign_up(username, password, email, now)?;
        (self.deliver)(CodeReason::SignUp, &code);
        let details = delivery(email.unwrap_or(username));
        Ok(json!({ "UserConfirmed": false, "UserSub": id.to_string(), "CodeDeliveryDetails": details }))
    }

    fn confirm(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        self.pool().confirm(body.text("Username")?, body.text("ConfirmationCode")?, now)?;
        Ok(json!({}))
    }

    fn resend(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let username = body.text("Username")?;
        let code = self.pool().another_code(username, now)?;
        if let Some(code) = code {
            (self.deliver)(CodeReason::Resend, &code);
        }
        Ok(json!({ "CodeDeliveryDetails": delivery(username) }))
    }

    fn forgot_password(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let username = body.text("Username")?;
        let code = self.pool().forget_password(username, now)?;
        if let Some(code) = code {
            (self.deliver)(CodeReason::Reset, &code);
        }
        Ok(json!({ "CodeDeliveryDetails": delivery(username) }))
    }

    fn confirm_forgot_password(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let (username, code) = (body.text("Username")?, body.text("ConfirmationCode")?);
        self.pool().reset_password(username, code, body.text("Password")?, now)?;
        Ok(json!({}))
    }

    /// Deletes the account of an access token. The response has no body, as in Cognito.
    fn delete_user(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let invalid = |text: &str| CognitoError::NotAuthorized(text.to_owned());
        let username =
            self.signer.username(body.text("AccessToken")?, CLIENT_ID, now).map_err(|error| match error {
                TokenError::Foreign => invalid("Invalid Access Token"),
                TokenError::Expired => invalid("Access Token has expired"),
            })?;
        if self.pool().delete(&username) {
            Ok(Value::Null)
        } else {
            Err(invalid("Access Token has been revoked"))
        }
    }

    fn initiate(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let flow = body.text("AuthFlow")?;
        if flow != "USER_SRP_AUTH" {
            return Err(CognitoError::InvalidParameter(format!("{flow} flow not enabled for this client")));
        }
        let parameters = body.object("AuthParameters")?;
        let (username, client_public) = (parameters.text("USERNAME")?, parameters.text("SRP_A")?);
        let challenge = self.pool().begin(username, client_public, now)?;
        Ok(json!({
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "SALT": challenge.salt,
                "SECRET_BLOCK": BASE64_STANDARD.encode(challenge.secret_block),
                "SRP_B": challenge.public,
                "USERNAME": challenge.user_id,
                "USER_ID_FOR_SRP": challenge.user_id,
            }
        }))
    }

    fn respond(&self, body: &Members<'_>, now: SystemTime) -> Result<Value, CognitoError> {
        let name = body.text("ChallengeName")?;
        if name != "PASSWORD_VERIFIER" {
            return Err(CognitoError::InvalidParameter(format!("{name} is not a challenge of this pool")));
        }
        let responses = body.object("ChallengeResponses")?;
        let secret_block = responses.bytes("PASSWORD_CLAIM_SECRET_BLOCK")?;
        let signature = responses.bytes("PASSWORD_CLAIM_SIGNATURE")?;
        let proof = Proof {
            username: responses.text("USERNAME")?,
            timestamp: responses.text("TIMESTAMP")?,
            secret_block: &secret_block,
            signature: &signature,
        };
        let mut pool = self.pool();
        let (username, user) = pool.finish(&proof, now)?;
        self.tokens(&username, user, now)
    }

    fn tokens(&self, username: &str, user: &User, now: SystemTime) -> Result<Value, CognitoError> {
        let User { id, email, .. } = user;
        let issuer = format!("https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}");
        let id_claims = json!({
            "sub": id.to_string(), "iss": issuer, "aud": CLIENT_ID, "token_use": "id",
            "cognito:username": username, "email": email, "email_verified": true,
        });
        let access_claims = json!({
            "sub": id.to_string(), "iss": issuer, "client_id": CLIENT_ID, "token_use": "access",
            "username": username, "scope": "aws.cognito.signin.user.admin",
        });
        Ok(json!({
            "AuthenticationResult": {
                "AccessToken": self.signer.sign(access_claims, now),
                "ExpiresIn": LIFETIME.as_secs(),
                "IdToken": self.signer.sign(id_claims, now),
                // Only has the length of a token: tokens cannot be refreshed.
                "RefreshToken": BASE64_STANDARD.encode(random::<32>()?),
                "TokenType": "Bearer",
            },
            "ChallengeParameters": {},
        }))
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Pool> {
        // No operation leaves the pool in an invalid state, even if it panics.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The members of a request's body.
struct Members<'a>(&'a Map<String, Value>);

impl Members<'_> {
    fn text(&self, name: &str) -> Result<&str, CognitoError> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| CognitoError::missing(name))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, CognitoError> {
        let no_base64 = |_| CognitoError::InvalidParameter(format!("{name} must be base64"));
        BASE64_STANDARD.decode(self.text(name)?).map_err(no_base64)
    }

    fn object(&self, name: &str) -> Result<Members<'_>, CognitoError> {
        self.0.get(name).and_then(Value::as_object).map(Members).ok_or_else(|| CognitoError::missing(name))
    }

    /// Checks that the request is for the site's client, and without a secret.
    fn check_client(&self) -> Result<(), CognitoError> {
        let client = self.text("ClientId")?;
        if client != CLIENT_ID {
            let text = format!("User pool client {client} does not exist.");
            return Err(CognitoError::ResourceNotFound(text));
        }
        let inner = ["AuthParameters", "ChallengeResponses"].map(|name| self.0.get(name));
        let has_secret = self.0.contains_key("SecretHash")
            || inner.into_iter().flatten().any(|object| object.get("SECRET_HASH").is_some());
        if has_secret {
            let text = format!("Client {client} has no secret, but a SECRET_HASH was sent");
            return Err(CognitoError::NotAuthorized(text));
        }
        Ok(())
    }
}

/// Returns the masked address of a code, as Cognito does.
fn delivery(address: &str) -> Value {
    let first = |text: &str| text.chars().next().map_or_else(String::new, String::from);
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let destination = format!("{}***@{}***", first(name), first(host));
    json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": destination })
}

pub(super) fn routes(cognito: Arc<Cognito>) -> Router {
    Router::new().route(PATH, post(call)).route(&format!("{PATH}/"), post(call)).with_state(cognito)
}

async fn call(
    State(cognito): State<Arc<Cognito>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let operation = headers.get(AMZ_TARGET).and_then(|target| target.to_str().ok());
    let operation = operation.and_then(|target| target.strip_prefix(TARGET)).unwrap_or_default().to_owned();
    let answer = match body {
        Ok(body) => {
            // Takes milliseconds of arithmetic, which would delay other requests.
            let work = move || cognito.call(&operation, &body, SystemTime::now());
            tokio::task::spawn_blocking(work).await.unwrap_or(Err(CognitoError::Internal))
        }
        Err(_) => Err(CognitoError::Serialization),
    };
    let (status, body, error) = match &answer {
        Ok(Value::Null) => (StatusCode::OK, String::new(), None),
        Ok(value) => (StatusCode::OK, value.to_string(), None),
        Err(error) => {
            let body = json!({ "__type": error.name(), "message": error.to_string() });
            let is_ours = *error == CognitoError::Internal;
            let status = if is_ours { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
            (status, body.to_string(), Some(error.name()))
        }
    };
    let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::try_from(Uuid::new_v4().to_string()) {
        headers.insert(AMZN_REQUEST_ID, id);
    }
    if let Some(error) = error {
        headers.insert(AMZN_ERROR_TYPE, HeaderValue::from_static(error));
    }
    response
}

#[cfg(test)]
pub(super) mod tests;
