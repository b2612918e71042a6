//! The visitor's account in a Cognito user pool: sign in, register, confirm, sign out. The password is sent only to register.

use mysfits_site::settings::UserPool;

use super::{config_store::ConfigStore, forms::FormLock, stored::Stored};
use crate::{
    api::{
        cognito::{self, AccountError, MEDIA_TYPE, TARGET},
        json::{Json, object, object_with},
        session::UserSession,
    },
    browser::{self, FetchRequest},
    i18n::{DynamicText, Messages},
};

/// The id of the dialog with the account's forms.
pub const ACCOUNT_ID: &str = "account";

const SIGN_IN: &str = "sign-in-form";
const REGISTER: &str = "register-form";
const CONFIRM: &str = "confirm-form";

/// The key of the identity token in the tab's storage.
const TOKEN_KEY: &str = "token";

/// Called when the visitor has signed in.
type OnSignedIn = Box<dyn FnOnce()>;

/// The visitor's account.
#[derive(Debug, Clone, Copy)]
pub struct VisitorAccount {
    config: ConfigStore,
    messages: Messages,
    lock: FormLock,
    session: Stored<Option<UserSession>>,
    /// E-mail address and password of an account whose address is not confirmed.
    unconfirmed: Stored<Option<(String, String)>>,
}

impl VisitorAccount {
    /// Returns an account without a session.
    pub fn new(config: ConfigStore, messages: Messages, lock: FormLock) -> Self {
        Self { config, messages, lock, session: Stored::new(None), unconfirmed: Stored::new(None) }
    }

    /// Restores the session that the tab has stored, unless it has expired.
    pub fn restore_session(self) {
        let session = browser::recall(TOKEN_KEY)
            .and_then(|token| UserSession::from_token(&token, browser::from_base64))
            .filter(|session| session.is_valid_at(browser::now()));
        self.session.set(session);
    }

    /// Returns the session, which may have expired.
    pub fn session(self) -> Option<UserSession> {
        self.session.get()
    }

    pub fn valid_session(self) -> Option<UserSession> {
        self.session().filter(|session| session.is_valid_at(browser::now()))
    }

    /// Shows the visitor's name and the buttons to sign in or out.
    pub fn refresh_dom(self) {
        let session = self.session();
        let has_pool = self.config.get().is_some_and(|config| config.user_pool().is_some());
        browser::hide_all("[data-signed-in]", session.is_none());
        browser::hide_all("[data-signed-out]", session.is_some() || !has_pool);
        browser::set_text_all("[data-who]", session.as_ref().map_or("", UserSession::name));
    }

    /// Handles the submission of one of the forms; returns whether the form is one of them.
    pub fn submit(self, form: &str, on_signed_in: OnSignedIn) -> bool {
        match form {
            SIGN_IN => self.sign_in(on_signed_in),
            REGISTER => self.register(),
            CONFIRM => self.confirm(on_signed_in),
            _ => return false,
        }
        true
    }

    fn sign_in(self, on_signed_in: OnSignedIn) {
        let (email, password) = (field(SIGN_IN, "email"), field(SIGN_IN, "password"));
        self.send(async move |pool| {
            self.unconfirmed.set(Some((email.clone(), password.clone())));
            self.sign_in_as(&pool, &email, &password, on_signed_in).await
        });
    }

    /// Registers an account. Cognito sends a code by e-mail.
    fn register(self) {
        let (email, password) = (field(REGISTER, "email"), field(REGISTER, "password"));
        self.send(async move |pool| {
            let attribute = object(&[("Name", "email"), ("Value", &email)]);
            let account = [("ClientId", pool.client.as_str()), ("Username", &email), ("Password", &password)];
            let attributes = ["[", &attribute, "]"].concat();
            call(&pool, "SignUp", &object_with(&account, "UserAttributes", &attributes)).await?;
            self.unconfirmed.set(Some((email, password)));
            Err(AccountError::NotConfirmed)
        });
    }

    /// Confirms the e-mail address with the code and signs in.
    fn confirm(self, on_signed_in: OnSignedIn) {
        let code = field(CONFIRM, "code");
        let Some((email, password)) = self.unconfirmed.get() else { return show_account_form(SIGN_IN) };
        self.send(async move |pool| {
            let client = pool.client.as_str();
            let confirmation =
                [("ClientId", client), ("Username", &email), ("ConfirmationCode", code.trim())];
            call(&pool, "ConfirmSignUp", &object(&confirmation)).await?;
            self.sign_in_as(&pool, &email, &password, on_signed_in).await
        });
    }

    /// Requests another code.
    pub fn resend_code(self) {
        let Some((email, _)) = self.unconfirmed.get() else { return };
        self.send(async move |pool| {
            let account = [("ClientId", pool.client.as_str()), ("Username", &email)];
            call(&pool, "ResendConfirmationCode", &object(&account)).await?;
            show_messages(self.messages.get(DynamicText::CodeSent), "");
            Ok(())
        });
    }

    /// Ends the session.
    pub fn sign_out(self) {
        browser::remember(TOKEN_KEY, "");
        self.session.set(None);
    }

    async fn sign_in_as(
        self,
        pool: &UserPool,
        email: &str,
        password: &str,
        on_signed_in: OnSignedIn,
    ) -> Result<(), AccountError> {
        let token = request_token(pool, email, password).await?;
        self.unconfirmed.set(None);
        browser::reset_form(SIGN_IN);
        show_messages("", "");
        browser::remember(TOKEN_KEY, &token);
        self.session.set(UserSession::from_token(&token, browser::from_base64));
        on_signed_in();
        Ok(())
    }

    /// Runs requests to the pool and shows their error, unless a form waits for a response.
    fn send(self, requests: impl AsyncFnOnce(UserPool) -> Result<(), AccountError> + 'static) {
        let Some(pool) = self.config.get().and_then(|config| config.user_pool()) else { return };
        if !self.lock.take() {
            return;
        }
        show_messages(self.messages.get(DynamicText::Working), "");
        browser::spawn(async move {
            let result = requests(pool).await;
            self.lock.release();
            match result {
                Ok(()) => {}
                Err(AccountError::NotConfirmed) => {
                    show_account_form(CONFIRM);
                    show_messages(self.messages.get(DynamicText::CodeSent), "");
                }
                Err(AccountError::Message(text)) => show_messages("", self.messages.get(text)),
            }
        });
    }
}

/// Opens the dialog with the sign-in form.
pub fn open_sign_in() {
    show_account_form(SIGN_IN);
    browser::show_dialog(ACCOUNT_ID);
}

/// Shows one of the forms and hides the others.
pub fn show_account_form(form: &str) {
    for other in [SIGN_IN, REGISTER, CONFIRM] {
        browser::hide_all(&["#", other].concat(), other != form);
    }
    show_messages("", "");
    if form == REGISTER {
        browser::set_field("register-email", &field(SIGN_IN, "email"));
    }
    let input = ["#", form, " input"].concat();
    browser::next_frame(move || browser::focus(&input));
}

/// Shows a note and an error; empty ones are hidden.
fn show_messages(note: &str, error: &str) {
    browser::set_text_all("[data-account-note]", note);
    browser::set_text_all("[data-testid=account-error]", error);
}

fn field(form: &str, name: &str) -> String {
    browser::form_value(form, name).unwrap_or_default()
}

async fn call(pool: &UserPool, operation: &str, json: &str) -> Result<Json, AccountError> {
    let target = cognito::target(operation);
    let headers = [(TARGET, target.as_str()), ("content-type", MEDIA_TYPE)];
    let request = FetchRequest { headers: &headers, ..FetchRequest::post(&pool.endpoint, json) };
    let unreachable = AccountError::Message(DynamicText::AccountUnreachable);
    let response = browser::fetch(&request).await.map_err(|_| unreachable)?;
    match response.status {
        200 => Json::parse(&response.body).ok_or(AccountError::Message(DynamicText::AccountError)),
        _ => Err(cognito::error(&response.body)),
    }
}

/// Returns an identity token, by SRP.
async fn request_token(pool: &UserPool, name: &str, password: &str) -> Result<String, AccountError> {
    let failed = AccountError::Message(DynamicText::AccountError);
    let unknown = AccountError::Message(DynamicText::UnknownChallenge);
    let exchange = browser::srp_exchange().ok_or(failed)?;
    let public = browser::srp_public(&exchange);
    let start = [("AuthFlow", "USER_SRP_AUTH"), ("ClientId", pool.client.as_str())];
    let parameters = object(&[("USERNAME", name), ("SRP_A", &public)]);
    let challenge = call(pool, "InitiateAuth", &object_with(&start, "AuthParameters", &parameters)).await?;
    if challenge.get("ChallengeName").and_then(|name| name.text()).as_deref() != Some("PASSWORD_VERIFIER") {
        return Err(unknown);
    }
    let parameters = challenge.get("ChallengeParameters").ok_or(failed)?;
    let parameter = |name: &str| parameters.get(name).and_then(|value| value.text()).ok_or(failed);
    let (user, salt) = (parameter("USER_ID_FOR_SRP")?, parameter("SALT")?);
    let (server_public, block) = (parameter("SRP_B")?, parameter("SECRET_BLOCK")?);
    let time = cognito::timestamp(&browser::utc());
    let proof =
        browser::srp_proof(&exchange, [&pool.name, &user, &salt, &server_public, &block, &time], password);
    let responses = object(&[
        ("USERNAME", &user),
        ("PASSWORD_CLAIM_SECRET_BLOCK", &block),
        ("PASSWORD_CLAIM_SIGNATURE", &proof.ok_or(failed)?),
        ("TIMESTAMP", &time),
    ]);
    let answer = [("ChallengeName", "PASSWORD_VERIFIER"), ("ClientId", pool.client.as_str())];
    let answer = object_with(&answer, "ChallengeResponses", &responses);
    let result = call(pool, "RespondToAuthChallenge", &answer).await?;
    // Instead of tokens, Cognito may send another challenge, such as a new password or a second factor.
    result.get("AuthenticationResult").and_then(|tokens| tokens.get("IdToken")?.text()).ok_or(unknown)
}
