//! The visitor's account in a Cognito user pool: sign in and out, register, reset the password, delete. A password is sent only to
//! set it.

use std::pin::Pin;

use mysfits_site::settings::UserPool;

use super::{
    account_forms::{
        CONFIRM, DELETE, FORGOT, REGISTER, RESET, SIGN_IN, clear_account_forms, field, show_account_form,
        show_account_messages, switch_account_form,
    },
    config_store::ConfigStore,
    forms::FormLock,
    marks::remove_marks,
    stored::Stored,
    user_pool::{call, request_token},
};
use crate::{
    api::{
        cognito::AccountError,
        json::{object, object_with},
        session::UserSession,
    },
    browser,
    i18n::{DynamicText, Messages},
};

/// The key of the identity token in the tab's storage.
const TOKEN_KEY: &str = "token";
/// The most characters of a visitor's name in the banner.
const MAX_NAME: usize = 8;

/// Called when the visitor has signed in, or has deleted the account.
type OnSessionChange = Box<dyn FnOnce()>;
/// Requests to the pool, which one action of the visitor needs.
type PoolRequests = Pin<Box<dyn Future<Output = Result<(), AccountError>>>>;

/// The visitor's account.
#[derive(Debug, Clone, Copy)]
pub struct VisitorAccount {
    config: ConfigStore,
    messages: Messages,
    lock: FormLock,
    session: Stored<Option<UserSession>>,
    /// E-mail address and password of an account whose address is not confirmed.
    unconfirmed: Stored<Option<(String, String)>>,
    /// The e-mail address of the account whose password is reset.
    reset_email: Stored<String>,
}

impl VisitorAccount {
    /// Returns an account without a session.
    pub fn new(config: ConfigStore, messages: Messages, lock: FormLock) -> Self {
        let (session, unconfirmed) = (Stored::new(None), Stored::new(None));
        Self { config, messages, lock, session, unconfirmed, reset_email: Stored::new(String::new()) }
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

    /// Shows the visitor's name, and the button to sign in or that of the account.
    pub fn refresh_dom(self) {
        let session = self.session();
        let has_pool = self.config.get().is_some_and(|config| config.user_pool().is_some());
        browser::hide_all("[data-signed-in]", session.is_none());
        browser::hide_all("[data-signed-out]", session.is_some() || !has_pool);
        browser::set_text_all(
            "[data-who]",
            &session.as_ref().map_or_else(String::new, |it| shortened(it.name())),
        );
        let email = session.as_ref().map_or("", |session| &session.email);
        browser::set_text_all("[data-email]", email);
        browser::set_field("delete-email", email);
    }

    /// Handles the submission of one of the forms; returns whether the form is one of them.
    pub fn submit(self, form: &str, on_session_change: OnSessionChange) -> bool {
        match form {
            SIGN_IN => self.sign_in(on_session_change),
            REGISTER => self.register(),
            CONFIRM => self.confirm(on_session_change),
            FORGOT => self.forget_password(),
            RESET => self.reset_password(on_session_change),
            DELETE => self.delete(on_session_change),
            _ => return false,
        }
        true
    }

    fn sign_in(self, on_signed_in: OnSessionChange) {
        let (email, password) = (field(SIGN_IN, "email"), field(SIGN_IN, "password"));
        self.send(move |pool| {
            Box::pin(async move {
                self.unconfirmed.set(Some((email.clone(), password.clone())));
                self.sign_in_as(&pool, &email, &password, on_signed_in).await
            })
        });
    }

    /// Registers an account. Cognito sends a code by e-mail.
    fn register(self) {
        let (email, password) = (field(REGISTER, "email"), field(REGISTER, "password"));
        self.send(move |pool| {
            Box::pin(async move {
                let attribute = object(&[("Name", "email"), ("Value", &email)]);
                let account =
                    [("ClientId", pool.client.as_str()), ("Username", &email), ("Password", &password)];
                let attributes = ["[", &attribute, "]"].concat();
                call(&pool, "SignUp", &object_with(&account, "UserAttributes", &attributes)).await?;
                self.unconfirmed.set(Some((email, password)));
                Err(AccountError::NotConfirmed)
            })
        });
    }

    /// Confirms the e-mail address with the code and signs in.
    fn confirm(self, on_signed_in: OnSessionChange) {
        let code = field(CONFIRM, "code");
        let Some((email, password)) = self.unconfirmed.get() else { return show_account_form(SIGN_IN) };
        self.send(move |pool| {
            Box::pin(async move {
                let client = pool.client.as_str();
                let confirmation =
                    [("ClientId", client), ("Username", &email), ("ConfirmationCode", code.trim())];
                call(&pool, "ConfirmSignUp", &object(&confirmation)).await?;
                self.sign_in_as(&pool, &email, &password, on_signed_in).await
            })
        });
    }

    /// Requests another code to confirm the e-mail address.
    pub fn resend_code(self) {
        let Some((email, _)) = self.unconfirmed.get() else { return };
        self.send(move |pool| {
            Box::pin(async move {
                let account = [("ClientId", pool.client.as_str()), ("Username", &email)];
                call(&pool, "ResendConfirmationCode", &object(&account)).await?;
                self.show_note(DynamicText::CodeSent);
                Ok(())
            })
        });
    }

    /// Requests a code to reset the password. Does not tell whether there is an account.
    fn forget_password(self) {
        let email = field(FORGOT, "email");
        self.send(move |pool| {
            Box::pin(async move {
                let account = [("ClientId", pool.client.as_str()), ("Username", &email)];
                match call(&pool, "ForgotPassword", &object(&account)).await {
                    Ok(_) | Err(AccountError::UnknownUser) => {}
                    Err(error) => return Err(error),
                }
                browser::set_field("reset-email", &email);
                self.reset_email.set(email);
                show_account_form(RESET);
                self.show_note(DynamicText::ResetSent);
                Ok(())
            })
        });
    }

    /// Sets a new password with the code and signs in.
    fn reset_password(self, on_signed_in: OnSessionChange) {
        let (email, code) = (self.reset_email.get(), field(RESET, "code"));
        let password = field(RESET, "password");
        self.send(move |pool| {
            Box::pin(async move {
                let client = pool.client.as_str();
                let account = [
                    ("ClientId", client),
                    ("Username", &email),
                    ("ConfirmationCode", code.trim()),
                    ("Password", &password),
                ];
                match call(&pool, "ConfirmForgotPassword", &object(&account)).await {
                    Ok(_) => self.sign_in_as(&pool, &email, &password, on_signed_in).await,
                    Err(AccountError::UnknownUser) => Err(AccountError::Message(DynamicText::WrongCode)),
                    Err(error) => Err(error),
                }
            })
        });
    }

    /// Deletes the account, after another sign-in with the password.
    fn delete(self, on_deleted: OnSessionChange) {
        let password = field(DELETE, "password");
        let Some(UserSession { user, email, .. }) = self.session() else { return show_account_form(SIGN_IN) };
        self.send(move |pool| {
            Box::pin(async move {
                let token = request_token(&pool, &email, &password, "AccessToken").await?;
                call(&pool, "DeleteUser", &object(&[("AccessToken", &token)])).await?;
                remove_marks(&user);
                clear_account_forms();
                self.sign_out();
                on_deleted();
                show_account_form(SIGN_IN);
                self.show_note(DynamicText::AccountDeleted);
                Ok(())
            })
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
        on_signed_in: OnSessionChange,
    ) -> Result<(), AccountError> {
        let token = request_token(pool, email, password, "IdToken").await?;
        self.unconfirmed.set(None);
        clear_account_forms();
        show_account_messages("", "");
        browser::remember(TOKEN_KEY, &token);
        self.session.set(UserSession::from_token(&token, browser::from_base64));
        on_signed_in();
        Ok(())
    }

    /// Runs requests to the pool and shows their error, unless a form waits for a response.
    fn send(self, requests: impl FnOnce(UserPool) -> PoolRequests) {
        let Some(pool) = self.config.get().and_then(|config| config.user_pool()) else { return };
        if !self.lock.take() {
            return;
        }
        self.show_note(DynamicText::Working);
        let requests = requests(pool);
        browser::spawn(async move {
            let result = requests.await;
            self.lock.release();
            match result {
                Ok(()) => {}
                Err(AccountError::NotConfirmed) => {
                    show_account_form(CONFIRM);
                    self.show_note(DynamicText::CodeSent);
                }
                Err(AccountError::NewPasswordRequired) => {
                    switch_account_form(SIGN_IN, FORGOT);
                    self.show_note(DynamicText::NewPasswordRequired);
                }
                Err(AccountError::UnknownUser) => self.show_error(DynamicText::WrongPassword),
                Err(AccountError::Message(text)) => self.show_error(text),
            }
        });
    }

    fn show_note(self, text: DynamicText) {
        show_account_messages(self.messages.get(text), "");
    }

    fn show_error(self, text: DynamicText) {
        show_account_messages("", self.messages.get(text));
    }
}

/// Returns a name as long as there is room for on a phone.
fn shortened(name: &str) -> String {
    if name.chars().count() > MAX_NAME {
        name.chars().take(MAX_NAME - 1).chain(['…']).collect()
    } else {
        name.to_owned()
    }
}
