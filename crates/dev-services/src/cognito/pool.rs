//! The state of the pool: users, codes, pending sign-ins. All of them are bounded.
//!
//! The current time is a parameter of the functions.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    POOL_NAME,
    code::MailedCode,
    error::CognitoError,
    srp::{Claim, Group, ServerExchange, Verifier},
    system::{has_passed, random},
    validation,
};
use crate::events::is_address;

/// The most users.
pub const MAX_USERS: usize = 1000;
/// The most pending sign-ins. A further one replaces the oldest.
const MAX_EXCHANGES: usize = 1000;
/// The time between the two requests of a sign-in.
const EXCHANGE_LIFETIME: Duration = Duration::from_mins(3);
/// The time until a code to confirm an address expires.
const CONFIRMATION_LIFETIME: Duration = Duration::from_hours(24);
/// The time until a code to reset a password expires.
const RESET_LIFETIME: Duration = Duration::from_hours(1);
/// Consecutive wrong passwords without a delay. Each further one doubles the delay, which begins with a second.
pub const FREE_PASSWORDS: u32 = 5;
/// The longest delay.
const MAX_DELAY: Duration = Duration::from_mins(15);

/// Users and pending sign-ins.
pub(super) struct Pool {
    group: Group,
    users: BTreeMap<String, User>,
    /// By secret block.
    exchanges: BTreeMap<[u8; 32], PendingSignIn>,
    /// The seed of the salts and ids of unknown users.
    decoy_key: [u8; 32],
}

/// An account.
pub(super) struct User {
    pub(super) id: Uuid,
    pub(super) email: String,
    verifier: Verifier,
    is_confirmed: bool,
    /// Confirms the address.
    code: MailedCode,
    /// Resets the password, if that was requested.
    reset: Option<MailedCode>,
    wrong_passwords: u32,
    last_wrong: SystemTime,
}

/// A sign-in between its two requests.
struct PendingSignIn {
    /// `None` for an unknown user.
    username: Option<String>,
    user_id: String,
    exchange: ServerExchange,
    begun: SystemTime,
}

/// The challenge by which a client proves its password.
pub(super) struct Challenge {
    pub(super) user_id: String,
    pub(super) salt: String,
    pub(super) public: String,
    pub(super) secret_block: [u8; 32],
}

/// A client's proof.
pub(super) struct Proof<'a> {
    /// The name or the id of the user.
    pub(super) username: &'a str,
    pub(super) secret_block: &'a [u8],
    pub(super) signature: &'a [u8],
    pub(super) timestamp: &'a str,
}

impl Pool {
    pub(super) fn new(decoy_key: [u8; 32]) -> Self {
        Self { group: Group::new(), users: BTreeMap::new(), exchanges: BTreeMap::new(), decoy_key }
    }

    /// Creates an account, and returns its id and confirmation code.
    pub(super) fn sign_up(
        &mut self,
        username: &str,
        password: &str,
        email: Option<&str>,
        now: SystemTime,
    ) -> Result<(Uuid, String), CognitoError> {
        validation::username(username)?;
        validation::password(password)?;
        // If the name is an address, it is the user's address.
        let Some(email) = email.or_else(|| is_address(username).then_some(username)) else {
            let text = "Attributes did not conform to the schema: email: The attribute is required";
            return Err(CognitoError::InvalidParameter(text.to_owned()));
        };
        if !is_address(email) || email.len() > validation::MAX_EMAIL_BYTES {
            return Err(CognitoError::InvalidParameter("Invalid email address format.".to_owned()));
        }
        if self.users.contains_key(username) {
            return Err(CognitoError::UsernameExists);
        }
        if self.users.len() >= MAX_USERS {
            return Err(CognitoError::LimitExceeded(
                "The fake has the most users that it can have; start it again.",
            ));
        }
        let id = uuid::Builder::from_random_bytes(random()?).into_uuid();
        let verifier = self.group.verifier(POOL_NAME, &id.to_string(), password, &random()?);
        let code = MailedCode::new(now)?;
        let digits = code.digits.clone();
        let user = User {
            id,
            email: email.to_owned(),
            verifier,
            is_confirmed: false,
            code,
            reset: None,
            wrong_passwords: 0,
            last_wrong: now,
        };
        self.users.insert(username.to_owned(), user);
        Ok((id, digits))
    }

    /// Confirms an account. Unknown users get the same error as a wrong code. Confirmed accounts, and accounts with too many
    /// attempts, have errors of their own and so reveal that they exist, as in Cognito.
    pub(super) fn confirm(
        &mut self,
        username: &str,
        code: &str,
        now: SystemTime,
    ) -> Result<(), CognitoError> {
        let user = self.users.get_mut(username).ok_or(CognitoError::CodeMismatch)?;
        if user.is_confirmed {
            let text = "User cannot be confirmed. Current status is CONFIRMED";
            return Err(CognitoError::NotAuthorized(text.to_owned()));
        }
        user.code.check(code, CONFIRMATION_LIFETIME, now)?;
        user.is_confirmed = true;
        Ok(())
    }

    /// Issues a new code; `None` if the user is unknown, which is not revealed to the client. A confirmed account is an error,
    /// as in Cognito, and so reveals that it exists.
    pub(super) fn another_code(
        &mut self,
        username: &str,
        now: SystemTime,
    ) -> Result<Option<String>, CognitoError> {
        let Some(user) = self.users.get_mut(username) else { return Ok(None) };
        if user.is_confirmed {
            return Err(CognitoError::InvalidParameter("User is already confirmed.".to_owned()));
        }
        user.code.renew(now)?;
        Ok(Some(user.code.digits.clone()))
    }

    /// Issues a code to reset a password; `None` if the user is unknown, which is not revealed to the client. An account without
    /// a confirmed address is an error, as in Cognito.
    pub(super) fn forget_password(
        &mut self,
        username: &str,
        now: SystemTime,
    ) -> Result<Option<String>, CognitoError> {
        validation::username(username)?;
        let Some(user) = self.users.get_mut(username) else { return Ok(None) };
        if !user.is_confirmed {
            let text =
                "Cannot reset password for the user as there is no registered/verified email or phone_number";
            return Err(CognitoError::InvalidParameter(text.to_owned()));
        }
        match &mut user.reset {
            Some(code) => code.renew(now)?,
            None => user.reset = Some(MailedCode::new(now)?),
        }
        Ok(user.reset.as_ref().map(|code| code.digits.clone()))
    }

    /// Replaces a password. Without a code for the user, every code has expired. The code can be used once.
    pub(super) fn reset_password(
        &mut self,
        username: &str,
        code: &str,
        password: &str,
        now: SystemTime,
    ) -> Result<(), CognitoError> {
        validation::password(password)?;
        let user = self.users.get_mut(username).ok_or(CognitoError::ExpiredCode)?;
        let reset = user.reset.as_mut().ok_or(CognitoError::ExpiredCode)?;
        reset.check(code, RESET_LIFETIME, now)?;
        user.verifier = self.group.verifier(POOL_NAME, &user.id.to_string(), password, &random()?);
        user.reset = None;
        user.wrong_passwords = 0;
        Ok(())
    }

    /// Deletes an account; returns whether it existed.
    pub(super) fn delete(&mut self, username: &str) -> bool {
        self.users.remove(username).is_some()
    }

    /// Begins a sign-in. An unknown user gets a challenge too, always with the same salt and id. Neither the challenge nor its
    /// time reveals whether the user exists.
    pub(super) fn begin(
        &mut self,
        username: &str,
        client_public: &str,
        now: SystemTime,
    ) -> Result<Challenge, CognitoError> {
        validation::username(username)?;
        // Computed for known users too, so that both take the same time.
        let [id, salt, seed] = ["id", "salt", "seed"].map(|what| self.decoy(what.as_bytes(), username));
        let decoy = self.group.decoy(&first_half(salt), &seed);
        let decoy_id = uuid::Builder::from_random_bytes(first_half(id)).into_uuid();
        let (user_id, verifier, known) = match self.users.get(username) {
            Some(user) => (user.id, user.verifier.clone(), Some(username.to_owned())),
            None => (decoy_id, decoy, None),
        };
        let exchange = self.group.begin(verifier, client_public, &random()?).ok_or_else(|| {
            CognitoError::InvalidParameter(
                "SRP_A must be a number in hexadecimal digits, not a multiple of N".to_owned(),
            )
        })?;
        self.make_room(now);
        let secret_block = random()?;
        let user_id = user_id.to_string();
        let challenge = Challenge {
            salt: exchange.salt(),
            public: exchange.public(),
            user_id: user_id.clone(),
            secret_block,
        };
        self.exchanges.insert(secret_block, PendingSignIn { username: known, user_id, exchange, begun: now });
        Ok(challenge)
    }

    /// Ends a sign-in, and returns the user and their name if the proof is valid. Each challenge can be used once.
    pub(super) fn finish(
        &mut self,
        proof: &Proof<'_>,
        now: SystemTime,
    ) -> Result<(String, &User), CognitoError> {
        validation::timestamp(proof.timestamp)?;
        let session = || CognitoError::NotAuthorized("Invalid session for the user.".to_owned());
        let block: &[u8; 32] = proof.secret_block.try_into().map_err(|_| session())?;
        let PendingSignIn { username, user_id, exchange, begun } =
            self.exchanges.remove(block).ok_or_else(session)?;
        if has_passed(begun, EXCHANGE_LIFETIME, now) {
            return Err(session());
        }
        let claim =
            Claim { pool: POOL_NAME, user: &user_id, secret_block: block, timestamp: proof.timestamp };
        // Computed for unknown users too, so that both take the same time.
        let is_proven = self.group.proves(&exchange, &claim, proof.signature);
        let username = username.unwrap_or_default();
        let user = self.users.get_mut(&username).ok_or_else(CognitoError::wrong_password)?;
        if user.must_wait(now) {
            return Err(CognitoError::NotAuthorized("Password attempts exceeded".to_owned()));
        }
        if !is_proven || (proof.username != username && proof.username != user_id) {
            user.wrong_passwords = user.wrong_passwords.saturating_add(1);
            user.last_wrong = now;
            return Err(CognitoError::wrong_password());
        }
        user.wrong_passwords = 0;
        if !user.is_confirmed {
            return Err(CognitoError::UserNotConfirmed);
        }
        Ok((username, user))
    }

    /// Removes expired sign-ins, and the oldest if there are too many.
    fn make_room(&mut self, now: SystemTime) {
        self.exchanges.retain(|_, exchange| !has_passed(exchange.begun, EXCHANGE_LIFETIME, now));
        if self.exchanges.len() >= MAX_EXCHANGES
            && let Some((&oldest, _)) = self.exchanges.iter().min_by_key(|(_, exchange)| exchange.begun)
        {
            self.exchanges.remove(&oldest);
        }
    }

    /// Returns bytes for an unknown user.
    fn decoy(&self, what: &[u8], username: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.decoy_key).chain_update(what).chain_update(username).finalize().into()
    }
}

impl User {
    /// Returns whether the delay after wrong passwords has not passed.
    fn must_wait(&self, now: SystemTime) -> bool {
        let Some(beyond) = self.wrong_passwords.checked_sub(FREE_PASSWORDS) else { return false };
        let wait = Duration::from_secs(1 << beyond.min(16)).min(MAX_DELAY);
        !has_passed(self.last_wrong, wait, now)
    }
}

fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|place| bytes[place])
}

#[cfg(test)]
mod tests;
