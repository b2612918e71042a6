//! What a visitor does, by the routes of all fakes.

use std::sync::Mutex;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use expect_test::{Expect, expect};
use http_body_util::BodyExt as _;
use mysfits_api::{RecommendationApi, TableBackend};
use mysfits_domain::catalogue;
use num_bigint::BigUint;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::cognito::tests as srp_client;

const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";
const NAME: &str = "visitor@example.org";
const PASSWORD: &str = "Passw0rd!";

struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl TestResponse {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// The fakes, the API, and the codes that were sent.
struct Workshop {
    router: Router,
    codes: Arc<Mutex<Vec<String>>>,
}

impl Workshop {
    fn open() -> Self {
        let codes = Arc::new(Mutex::new(Vec::new()));
        let sent = codes.clone();
        let deliver = move |_, code: &str| sent.lock().unwrap().push(code.to_owned());
        let services = DevServices::with_cognito(Cognito::new(Box::new(deliver)).unwrap());
        let atlantis = Arc::new(TableBackend::from_rule(|_| catalogue()[8].label));
        let api = RecommendationApi::new(atlantis).adoptions(services.adoptions());
        let router = api.router().merge(services.router());
        Self { router, codes }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TestResponse {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let text = String::from_utf8(body.to_vec()).unwrap();
            TestResponse { status: head.status, headers: head.headers, text }
        })
    }

    fn cognito(&self, operation: &str, mut body: Value) -> TestResponse {
        if body.get("ClientId").is_none() {
            body["ClientId"] = json!(cognito::CLIENT_ID);
        }
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [("x-amz-target", &target[..]), ("content-type", "application/x-amz-json-1.1")];
        self.ask("POST", cognito::PATH, &headers, &body.to_string())
    }

    /// Creates and confirms an account, and returns its id token.
    fn signed_in(&self) -> String {
        let account = json!({"Username": NAME, "Password": PASSWORD});
        let made = self.cognito("SignUp", account);
        assert_eq!(made.json()["CodeDeliveryDetails"]["Destination"], "v***@e***", "{}", made.text);
        let code = self.codes.lock().unwrap().pop().unwrap();
        let confirmed = self.cognito("ConfirmSignUp", json!({"Username": NAME, "ConfirmationCode": code}));
        assert_eq!((confirmed.status.as_u16(), &confirmed.text[..]), (200, "{}"));
        let tokens = self.sign_in(PASSWORD);
        assert_eq!(tokens.headers["content-type"], "application/x-amz-json-1.1");
        assert_eq!(tokens.headers["cache-control"], "no-store");
        tokens.json()["AuthenticationResult"]["IdToken"].as_str().unwrap().to_owned()
    }

    fn sign_in(&self, password: &str) -> TestResponse {
        let a = BigUint::from(987_654_321u64);
        let parameters = json!({"USERNAME": NAME, "SRP_A": srp_client::public(&a)});
        let challenge =
            self.cognito("InitiateAuth", json!({"AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters}));
        let challenge = &challenge.json()["ChallengeParameters"];
        let text = |name: &str| challenge[name].as_str().unwrap();
        let block = BASE64_STANDARD.decode(text("SECRET_BLOCK")).unwrap();
        let timestamp = "Wed Nov 25 15:47:26 UTC 2026";
        let sent = [text("SALT"), text("SRP_B")];
        let signature = srp_client::sign(password, &a, sent, text("USER_ID_FOR_SRP"), &block, timestamp);
        let responses = json!({
            "USERNAME": text("USER_ID_FOR_SRP"),
            "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
            "PASSWORD_CLAIM_SIGNATURE": BASE64_STANDARD.encode(signature),
            "TIMESTAMP": timestamp,
        });
        let body = json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses});
        self.cognito("RespondToAuthChallenge", body)
    }

    /// Returns likes and adoption of Atlantis, as the API lists them.
    fn atlantis(&self) -> (u64, bool) {
        let list = self.ask("GET", "/mysfits", &[], "").json();
        let one = self.ask("GET", &format!("/mysfits/{ATLANTIS}"), &[], "").json();
        assert_eq!(list["mysfits"][8], one);
        (one["likes"].as_u64().unwrap(), one["adopted"].as_bool().unwrap())
    }
}

#[test]
fn visitors_who_are_signed_in_can_like_and_adopt() {
    let workshop = Workshop::open();
    let token = workshop.signed_in();
    assert_eq!(workshop.atlantis(), (0, false));
    for (path, authorization, expected) in [
        ("like", token.clone(), (1, false)),
        ("like", format!("Bearer {token}"), (2, false)),
        ("adopt", token.clone(), (2, true)),
        ("adopt", token, (2, true)),
    ] {
        let path = format!("/mysfits/{ATLANTIS}/{path}");
        let answer = workshop.ask("POST", &path, &[("authorization", &authorization)], "");
        assert_eq!((answer.status.as_u16(), &answer.text[..]), (200, r#"{"Update":"Success"}"#));
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(workshop.atlantis(), expected);
    }
    let list = workshop.ask("GET", "/mysfits?filter=GoodEvil&value=Good", &[], "").json();
    assert!(list["mysfits"].as_array().unwrap().iter().all(|mysfit| mysfit["likes"] == 0));
}

#[track_caller]
fn check_refused(answer: &TestResponse, expected: Expect) {
    let problem = answer.json();
    expected.assert_eq(&format!("{} {}", answer.status.as_u16(), problem["detail"].as_str().unwrap()));
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}

#[test]
fn visitors_who_are_not_signed_in_cannot() {
    let workshop = Workshop::open();
    let like =
        |headers: &[(&str, &str)]| workshop.ask("POST", &format!("/mysfits/{ATLANTIS}/like"), headers, "");
    check_refused(
        &like(&[]),
        expect![
            "401 only visitors who are signed in can do this: the header Authorization must hold the id token of a sign-in"
        ],
    );
    for forged in ["", "x", "Bearer a.b.c", "Basic abc"] {
        check_refused(
            &like(&[("authorization", forged)]),
            expect![
                "401 only visitors who are signed in can do this: the token is not an id token of this site; the header Authorization must hold the id token of a sign-in"
            ],
        );
    }
    assert_eq!(like(&[]).headers["www-authenticate"], "Bearer");
    assert_eq!(workshop.atlantis(), (0, false));
    let token = workshop.signed_in();
    let path = format!("/mysfits/{}/adopt", "00000000-0000-0000-0000-000000000000");
    let answer = workshop.ask("POST", &path, &[("authorization", &token)], "");
    check_refused(
        &answer,
        expect![[r#"404 there is no mysfit with the id "00000000-0000-0000-0000-000000000000""#]],
    );
    let foreign = Workshop::open().signed_in();
    assert_eq!(like(&[("authorization", &foreign)]).status, 401, "another process's token");
}

#[test]
fn clicks_and_questions_are_validated() {
    let workshop = Workshop::open();
    let click = |body: Value| workshop.ask("PUT", "/clicks", &[], &body.to_string());
    let question = |body: Value| workshop.ask("POST", "/questions", &[], &body.to_string());
    let good = [
        click(json!({"userId": "someone", "mysfitId": ATLANTIS})),
        question(json!({"email": NAME, "questionText": "Does it bite?"})),
    ];
    for answer in good {
        assert_eq!((answer.status.as_u16(), &answer.text[..]), (200, r#"{"status":"OK"}"#));
    }
    check_refused(
        &click(json!({"mysfitId": ATLANTIS})),
        expect!["400 userId is missing; it must be a text of 1 to 128 characters"],
    );
    check_refused(
        &click(json!({"userId": 1, "mysfitId": ATLANTIS})),
        expect!["400 userId is no text; it must be a text of 1 to 128 characters"],
    );
    check_refused(
        &click(json!({"userId": "x", "mysfitId": "atlantis"})),
        expect![[r#"400 mysfitId is "atlantis"; it must be the id of a mysfit, as GET /mysfits lists them"#]],
    );
    check_refused(
        &question(json!({"email": "nowhere", "questionText": "?"})),
        expect!["400 email is no address; it must look like name@example.org"],
    );
    check_refused(
        &question(json!({"email": NAME, "questionText": " \n"})),
        expect!["400 questionText is empty; it must be a text of 1 to 2000 characters"],
    );
    check_refused(
        &question(json!({"email": NAME, "questionText": "?".repeat(2001)})),
        expect!["400 questionText is 2001 characters long; it must be a text of 1 to 2000 characters"],
    );
    check_refused(&question(json!([])), expect!["400 the body is JSON, but no object"]);
    check_refused(
        &workshop.ask("POST", "/questions", &[], "{"),
        expect!["400 the body is not JSON: EOF while parsing an object at line 1 column 1"],
    );
    let long = workshop.ask("PUT", "/clicks", &[], &" ".repeat(16 * 1024 + 1));
    check_refused(&long, expect!["413 the body is larger than 16384 bytes, the most that is read"]);
    let other = workshop.ask("GET", "/questions", &[], "");
    check_refused(&other, expect!["405 method not allowed; see the Allow header"]);
}

#[test]
fn pages_of_other_origins_may_send_requests() {
    let workshop = Workshop::open();
    let like = format!("/mysfits/{ATLANTIS}/like");
    for (path, method) in
        [("/clicks", "PUT"), ("/questions", "POST"), (&like, "POST"), (cognito::PATH, "POST")]
    {
        let answer = workshop.ask("OPTIONS", path, &[("access-control-request-method", method)], "");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
        let methods = answer.headers["access-control-allow-methods"].to_str().unwrap();
        assert!(methods.split(',').any(|allowed| allowed == method), "{path}: {methods}");
        let allowed = answer.headers["access-control-allow-headers"].to_str().unwrap().to_lowercase();
        let needed = if path == cognito::PATH { "x-amz-target" } else { "authorization" };
        assert!(allowed.contains(needed) && allowed.contains("content-type"), "{path}: {allowed}");
    }
}

#[test]
fn errors_have_the_names_of_cognito() {
    let workshop = Workshop::open();
    let check = |operation: &str, body: Value, expected: Expect| {
        let answer = workshop.cognito(operation, body);
        let error = answer.json();
        let name = error["__type"].as_str().unwrap();
        expected.assert_eq(&format!(
            "{} {name}: {}",
            answer.status.as_u16(),
            error["message"].as_str().unwrap()
        ));
        assert_eq!(answer.headers["x-amzn-errortype"], name);
    };
    let account = json!({"Username": NAME, "Password": PASSWORD});
    workshop.cognito("SignUp", account.clone());
    check("SignUp", account, expect!["400 UsernameExistsException: User already exists"]);
    check(
        "SignUp",
        json!({"Username": "other@example.org", "Password": "password"}),
        expect![
            "400 InvalidPasswordException: Password did not conform with policy: Password must have uppercase characters"
        ],
    );
    check(
        "SignUp",
        json!({"Password": PASSWORD}),
        expect![
            "400 InvalidParameterException: 1 validation error detected: Value at 'Username' failed to satisfy constraint: Member must not be null"
        ],
    );
    check(
        "SignUp",
        json!({"ClientId": "other"}),
        expect!["400 ResourceNotFoundException: User pool client other does not exist."],
    );
    check(
        "SignUp",
        json!({"SecretHash": "x"}),
        expect![
            "400 NotAuthorizedException: Client localmysfitssite has no secret, but a SECRET_HASH was sent"
        ],
    );
    check(
        "ConfirmSignUp",
        json!({"Username": NAME, "ConfirmationCode": "x"}),
        expect!["400 CodeMismatchException: Invalid verification code provided, please try again."],
    );
    check(
        "InitiateAuth",
        json!({"AuthFlow": "USER_PASSWORD_AUTH"}),
        expect!["400 InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client"],
    );
    check(
        "InitiateAuth",
        json!({"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": NAME, "SRP_A": "0"}}),
        expect![
            "400 InvalidParameterException: SRP_A must be a number in hexadecimal digits, not a multiple of N"
        ],
    );
    check(
        "InitiateAuth",
        json!({"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"SECRET_HASH": "x"}}),
        expect![
            "400 NotAuthorizedException: Client localmysfitssite has no secret, but a SECRET_HASH was sent"
        ],
    );
    check(
        "ConfirmForgotPassword",
        json!({"Username": NAME, "ConfirmationCode": "123456", "Password": PASSWORD}),
        expect!["400 ExpiredCodeException: Invalid code provided, please request a code again."],
    );
    check(
        "ForgotPassword",
        json!({"Username": NAME}),
        expect![
            "400 InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number"
        ],
    );
    check(
        "DeleteUser",
        json!({"AccessToken": "a.b.c"}),
        expect!["400 NotAuthorizedException: Invalid Access Token"],
    );
    check(
        "ListUsers",
        json!({}),
        expect![
            "400 UnknownOperationException: This fake has the operations SignUp, ConfirmSignUp, ResendConfirmationCode, ForgotPassword, ConfirmForgotPassword, InitiateAuth, RespondToAuthChallenge and DeleteUser."
        ],
    );
    let unconfirmed = workshop.sign_in(PASSWORD).json();
    assert_eq!(unconfirmed["__type"], "UserNotConfirmedException");
    assert_eq!(workshop.sign_in("Passw0rd?").json()["message"], "Incorrect username or password.");
    let malformed = workshop.ask(
        "POST",
        "/cognito/",
        &[("x-amz-target", "AWSCognitoIdentityProviderService.SignUp")],
        "{",
    );
    assert_eq!(malformed.json()["__type"], "SerializationException");
}

#[test]
fn an_account_gets_a_new_password_and_is_deleted() {
    let workshop = Workshop::open();
    workshop.signed_in();
    let sent = workshop.cognito("ForgotPassword", json!({"Username": NAME}));
    assert_eq!(sent.json()["CodeDeliveryDetails"]["Destination"], "v***@e***", "{}", sent.text);
    let code = workshop.codes.lock().unwrap().pop().unwrap();
    let unknown = workshop.cognito("ForgotPassword", json!({"Username": "unknown@example.org"}));
    assert_eq!(unknown.status, 200);
    assert!(workshop.codes.lock().unwrap().is_empty(), "an unknown user gets no code");
    let new = "N3w-Passw0rd!";
    let reset = json!({"Username": NAME, "ConfirmationCode": code, "Password": new});
    let reset = workshop.cognito("ConfirmForgotPassword", reset);
    assert_eq!((reset.status.as_u16(), &reset.text[..]), (200, "{}"));
    assert_eq!(workshop.sign_in(PASSWORD).json()["__type"], "NotAuthorizedException");
    let tokens = workshop.sign_in(new).json();
    let delete = |kind: &str| {
        let token = &tokens["AuthenticationResult"][kind];
        workshop.ask(
            "POST",
            cognito::PATH,
            &[("x-amz-target", "AWSCognitoIdentityProviderService.DeleteUser")],
            &json!({ "AccessToken": token }).to_string(),
        )
    };
    assert_eq!(delete("IdToken").json()["message"], "Invalid Access Token");
    let deleted = delete("AccessToken");
    assert_eq!((deleted.status.as_u16(), &deleted.text[..]), (200, ""));
    assert_eq!(delete("AccessToken").json()["message"], "Access Token has been revoked");
    assert_eq!(workshop.sign_in(new).json()["message"], "Incorrect username or password.");
}

#[test]
fn another_code_invalidates_the_first() {
    let workshop = Workshop::open();
    workshop.cognito("SignUp", json!({"Username": NAME, "Password": PASSWORD}));
    assert_eq!(workshop.cognito("ResendConfirmationCode", json!({"Username": NAME})).status, 200);
    assert_eq!(workshop.cognito("ResendConfirmationCode", json!({"Username": "unknown"})).status, 200);
    let codes = workshop.codes.lock().unwrap().clone();
    assert_eq!(codes.len(), 2, "an unknown user gets no code");
    let confirm = |code: &str| {
        workshop.cognito("ConfirmSignUp", json!({"Username": NAME, "ConfirmationCode": code})).status
    };
    assert!(codes[0] == codes[1] || confirm(&codes[0]) == 400);
    assert_eq!(confirm(&codes[1]), 200);
}
