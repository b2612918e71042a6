//! Signing in, registering, confirming: Amazon Cognito's way, with the password never leaving the page when signing in.

use super::{
    ACCOUNT_ID, Community,
    cognito::{self, MEDIA_TYPE, Refusal, TARGET, message, object},
};
use crate::{
    browser::{self, Request},
    config::Pool,
    json::Json,
    words::Spoken,
};

const SIGN_IN: &str = "sign-in-form";
const REGISTER: &str = "register-form";
const CONFIRM: &str = "confirm-form";

impl Community {
    /// Opens the sign-in dialog.
    pub(super) fn ask_who(self) {
        self.show_form(SIGN_IN);
        browser::show_dialog(ACCOUNT_ID);
    }

    /// Shows one of the forms.
    pub(super) fn show_form(self, form: &str) {
        for other in [SIGN_IN, REGISTER, CONFIRM] {
            browser::hide_all(&["#", other].concat(), other != form);
        }
        self.tell("", "");
        if form == REGISTER {
            browser::type_into("register-email", &typed(SIGN_IN, "email"));
        }
        let field = ["#", form, " input"].concat();
        browser::next_frame(move || browser::focus(&field));
    }

    /// Signs in with what the form holds.
    pub(super) fn sign_in(self) {
        let (email, password) = (typed(SIGN_IN, "email"), typed(SIGN_IN, "password"));
        self.during(async move |pool| {
            self.unconfirmed.set(Some((email.clone(), password.clone())));
            self.sign_in_as(&pool, &email, &password).await
        });
    }

    /// Makes an account of what the form holds; a code comes by e-mail.
    pub(super) fn register(self) {
        let (email, password) = (typed(REGISTER, "email"), typed(REGISTER, "password"));
        self.during(async move |pool| {
            let attribute = object(&[("Name", "email"), ("Value", &email)]);
            let account = [("ClientId", pool.client.as_str()), ("Username", &email), ("Password", &password)];
            call(&pool, "SignUp", &message(&account, "UserAttributes", &["[", &attribute, "]"].concat()))
                .await?;
            self.unconfirmed.set(Some((email, password)));
            Err(Refusal::NotConfirmed)
        });
    }

    /// Confirms the account with the code, and signs in.
    pub(super) fn confirm(self) {
        let code = typed(CONFIRM, "code");
        let Some((email, password)) = self.unconfirmed.get() else { return self.show_form(SIGN_IN) };
        self.during(async move |pool| {
            let client = pool.client.as_str();
            let confirmation =
                [("ClientId", client), ("Username", &email), ("ConfirmationCode", code.trim())];
            call(&pool, "ConfirmSignUp", &object(&confirmation)).await?;
            self.sign_in_as(&pool, &email, &password).await
        });
    }

    /// Has the code sent once more.
    pub(super) fn resend(self) {
        let Some((email, _)) = self.unconfirmed.get() else { return };
        self.during(async move |pool| {
            let account = [("ClientId", pool.client.as_str()), ("Username", &email)];
            call(&pool, "ResendConfirmationCode", &object(&account)).await?;
            self.tell(self.voice.say(Spoken::CodeSent), "");
            Ok(())
        });
    }

    async fn sign_in_as(self, pool: &Pool, email: &str, password: &str) -> Result<(), Refusal> {
        let token = token(pool, email, password).await?;
        self.unconfirmed.set(None);
        browser::reset_form(SIGN_IN);
        self.tell("", "");
        self.welcome(&token);
        Ok(())
    }

    /// Does something that takes a moment and may be refused, unless something else is under way.
    fn during(self, deed: impl AsyncFnOnce(Pool) -> Result<(), Refusal> + 'static) {
        let Some(pool) = self.settings.known().and_then(|config| config.pool()) else { return };
        if !self.begin_work() {
            return;
        }
        self.tell(self.voice.say(Spoken::Working), "");
        browser::spawn(async move {
            let outcome = deed(pool).await;
            self.end_work();
            match outcome {
                Ok(()) => {}
                Err(Refusal::NotConfirmed) => {
                    self.show_form(CONFIRM);
                    self.tell(self.voice.say(Spoken::CodeSent), "");
                }
                Err(Refusal::Told(word)) => self.tell("", self.voice.say(word)),
            }
        });
    }

    #[expect(clippy::unused_self, reason = "it is the account's dialog that tells")]
    fn tell(self, note: &str, error: &str) {
        browser::write_all("[data-account-note]", note);
        browser::write_all("[data-testid=account-error]", error);
    }
}

fn typed(form: &str, name: &str) -> String {
    browser::chosen(form, name).unwrap_or_default()
}

/// One exchange with the pool.
async fn call(pool: &Pool, operation: &str, json: &str) -> Result<Json, Refusal> {
    let target = cognito::target(operation);
    let headers = [(TARGET, target.as_str()), ("content-type", MEDIA_TYPE)];
    let request = Request { headers: &headers, ..Request::post(&pool.endpoint, json) };
    let reply = browser::fetch(&request).await.map_err(|_| Refusal::Told(Spoken::AccountAway))?;
    match reply.status {
        200 => Json::parse(&reply.body).ok_or(Refusal::Told(Spoken::AccountTrouble)),
        _ => Err(cognito::refusal(&reply.body)),
    }
}

/// The identity token for a name and a password.
async fn token(pool: &Pool, name: &str, password: &str) -> Result<String, Refusal> {
    let trouble = Refusal::Told(Spoken::AccountTrouble);
    let unknown = Refusal::Told(Spoken::UnknownChallenge);
    let exchange = browser::srp_exchange().ok_or(trouble)?;
    let public = browser::srp_public(&exchange);
    let start = [("AuthFlow", "USER_SRP_AUTH"), ("ClientId", pool.client.as_str())];
    let parameters = object(&[("USERNAME", name), ("SRP_A", &public)]);
    let challenge = call(pool, "InitiateAuth", &message(&start, "AuthParameters", &parameters)).await?;
    if challenge.get("ChallengeName").and_then(|name| name.text()).as_deref() != Some("PASSWORD_VERIFIER") {
        return Err(unknown);
    }
    let given = challenge.get("ChallengeParameters").ok_or(trouble)?;
    let given = |name: &str| given.get(name).and_then(|value| value.text()).ok_or(trouble);
    let (user, salt) = (given("USER_ID_FOR_SRP")?, given("SALT")?);
    let (server_public, block) = (given("SRP_B")?, given("SECRET_BLOCK")?);
    let time = cognito::timestamp(&browser::utc());
    let proof =
        browser::srp_proof(&exchange, [&pool.name, &user, &salt, &server_public, &block, &time], password);
    let responses = object(&[
        ("USERNAME", &user),
        ("PASSWORD_CLAIM_SECRET_BLOCK", &block),
        ("PASSWORD_CLAIM_SIGNATURE", &proof.ok_or(trouble)?),
        ("TIMESTAMP", &time),
    ]);
    let answer = [("ChallengeName", "PASSWORD_VERIFIER"), ("ClientId", pool.client.as_str())];
    let result =
        call(pool, "RespondToAuthChallenge", &message(&answer, "ChallengeResponses", &responses)).await?;
    // Another challenge in place of tokens: a new password, a second factor.
    result.get("AuthenticationResult").and_then(|tokens| tokens.get("IdToken")?.text()).ok_or(unknown)
}
