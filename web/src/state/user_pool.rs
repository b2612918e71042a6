//! Requests to a Cognito user pool.

use mysfits_site::settings::UserPool;

use crate::{
    api::{
        cognito::{self, AccountError, MEDIA_TYPE, TARGET},
        json::{Json, object, object_with},
    },
    browser::{self, FetchRequest},
    i18n::DynamicText,
};

const FAILED: AccountError = AccountError::Message(DynamicText::AccountError);

/// Calls an operation; returns the body of its response, which is empty for some operations.
pub async fn call(pool: &UserPool, operation: &str, json: &str) -> Result<String, AccountError> {
    let target = cognito::target(operation);
    let headers = [(TARGET, target.as_str()), ("content-type", MEDIA_TYPE)];
    let request = FetchRequest { headers: &headers, ..FetchRequest::post(&pool.endpoint, json) };
    let unreachable = AccountError::Message(DynamicText::AccountUnreachable);
    let response = browser::fetch(&request).await.map_err(|_| unreachable)?;
    match response.status {
        200 => Ok(response.body),
        _ => Err(cognito::error(&response.body)),
    }
}

/// Calls an operation whose response is JSON.
async fn call_for_json(pool: &UserPool, operation: &str, json: &str) -> Result<Json, AccountError> {
    Json::parse(&call(pool, operation, json).await?).ok_or(FAILED)
}

/// Signs in by SRP, without sending the password; returns one of the tokens: `IdToken` or `AccessToken`.
pub async fn request_token(
    pool: &UserPool,
    name: &str,
    password: &str,
    token: &str,
) -> Result<String, AccountError> {
    let unknown = AccountError::Message(DynamicText::UnknownChallenge);
    let exchange = browser::srp_exchange().ok_or(FAILED)?;
    let public = browser::srp_public(&exchange);
    let start = [("AuthFlow", "USER_SRP_AUTH"), ("ClientId", pool.client.as_str())];
    let parameters = object(&[("USERNAME", name), ("SRP_A", &public)]);
    let start = object_with(&start, "AuthParameters", &parameters);
    let challenge = call_for_json(pool, "InitiateAuth", &start).await?;
    if challenge.get("ChallengeName").and_then(|name| name.text()).as_deref() != Some("PASSWORD_VERIFIER") {
        return Err(unknown);
    }
    let parameters = challenge.get("ChallengeParameters").ok_or(FAILED)?;
    let parameter = |name: &str| parameters.get(name).and_then(|value| value.text()).ok_or(FAILED);
    let (user, salt) = (parameter("USER_ID_FOR_SRP")?, parameter("SALT")?);
    let (server_public, block) = (parameter("SRP_B")?, parameter("SECRET_BLOCK")?);
    let time = cognito::timestamp(&browser::utc());
    let proof =
        browser::srp_proof(&exchange, [&pool.name, &user, &salt, &server_public, &block, &time], password);
    let responses = object(&[
        ("USERNAME", &user),
        ("PASSWORD_CLAIM_SECRET_BLOCK", &block),
        ("PASSWORD_CLAIM_SIGNATURE", &proof.ok_or(FAILED)?),
        ("TIMESTAMP", &time),
    ]);
    let answer = [("ChallengeName", "PASSWORD_VERIFIER"), ("ClientId", pool.client.as_str())];
    let answer = object_with(&answer, "ChallengeResponses", &responses);
    let result = call_for_json(pool, "RespondToAuthChallenge", &answer).await?;
    // Instead of tokens, Cognito may send another challenge, such as a new password or a second factor.
    result.get("AuthenticationResult").and_then(|tokens| tokens.get(token)?.text()).ok_or(unknown)
}
