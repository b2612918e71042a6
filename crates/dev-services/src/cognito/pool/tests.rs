use std::time::UNIX_EPOCH;

use num_bigint::BigUint;

use super::*;
use crate::cognito::{
    code::{ATTEMPTS, MAX_PER_CODE},
    srp::tests::{N_POWERS, public, sign},
};

const NAME: &str = "visitor@example.org";
const PASSWORD: &str = "Passw0rd!";
const NOW: SystemTime = UNIX_EPOCH;
const TIMESTAMP: &str = "Thu Jan 1 00:00:00 UTC 1970";

fn pool() -> (Pool, String) {
    let mut pool = Pool::new([5; 32]);
    let (_, code) = pool.sign_up(NAME, PASSWORD, None, NOW).unwrap();
    (pool, code)
}

fn confirmed() -> Pool {
    let (mut pool, code) = pool();
    pool.confirm(NAME, &code, NOW).unwrap();
    pool
}

/// Tries to sign in, as a client would.
fn sign_in(pool: &mut Pool, name: &str, password: &str, now: SystemTime) -> Result<String, CognitoError> {
    let a = BigUint::from(123_456_789u64);
    let Challenge { user_id, salt, public: b, secret_block } =
        pool.begin(name, &public(&pool.group, &a), now)?;
    let claim = Claim { pool: POOL_NAME, user: &user_id, secret_block: &secret_block, timestamp: TIMESTAMP };
    let signature = sign(&pool.group, password, &a, [&salt, &b], &claim);
    let proof = Proof {
        username: &user_id,
        secret_block: &secret_block,
        signature: &signature,
        timestamp: TIMESTAMP,
    };
    let signed_in = pool.finish(&proof, now).map(|(name, _)| name);
    // A challenge can be used once.
    assert!(pool.finish(&proof, now).is_err());
    signed_in
}

fn after(seconds: u64) -> SystemTime {
    NOW + Duration::from_secs(seconds)
}

#[test]
fn a_confirmed_user_with_the_right_password_signs_in() {
    let (mut pool, code) = pool();
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, NOW), Err(CognitoError::UserNotConfirmed));
    assert_eq!(sign_in(&mut pool, NAME, "Passw0rd?", NOW), Err(CognitoError::wrong_password()));
    assert_eq!(pool.confirm(NAME, &format!(" {code} "), NOW), Ok(()));
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, NOW), Ok(NAME.to_owned()));
    assert_eq!(pool.users[NAME].email, NAME);
}

#[test]
fn sign_in_does_not_reveal_who_has_an_account() {
    let mut pool = confirmed();
    assert_eq!(sign_in(&mut pool, "unknown", PASSWORD, NOW), Err(CognitoError::wrong_password()));
    let mut begin = |name| pool.begin(name, "5", NOW).unwrap();
    let (known, one, other, again) = (begin(NAME), begin("unknown"), begin("other"), begin("unknown"));
    assert_eq!((&one.user_id, &one.salt), (&again.user_id, &again.salt), "always the same");
    assert_ne!((&one.user_id, &one.salt), (&other.user_id, &other.salt));
    assert_eq!(one.user_id.len(), known.user_id.len());
    assert_eq!(one.user_id.as_bytes()[14], b'4', "a random UUID, as the others are");
}

#[test]
fn signing_in_computes_the_same_for_known_and_unknown_users() {
    let mut pool = confirmed();
    let mut count = |name: &str| {
        let before = N_POWERS.get();
        let challenge = pool.begin(name, "5", NOW).unwrap();
        let begun = N_POWERS.get();
        let proof = Proof {
            username: &challenge.user_id,
            secret_block: &challenge.secret_block,
            signature: b"wrong",
            timestamp: TIMESTAMP,
        };
        assert_eq!(pool.finish(&proof, NOW).err(), Some(CognitoError::wrong_password()));
        (begun - before, N_POWERS.get() - begun)
    };
    assert_eq!([count(NAME), count("unknown")], [(1, 2), (1, 2)]);
}

#[test]
fn wrong_passwords_are_delayed_longer_and_longer() {
    let mut pool = confirmed();
    let exceeded = Err(CognitoError::NotAuthorized("Password attempts exceeded".to_owned()));
    for _ in 0..FREE_PASSWORDS {
        assert_eq!(sign_in(&mut pool, NAME, "Wr0ng!!!!", NOW), Err(CognitoError::wrong_password()));
    }
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, NOW), exceeded);
    assert_eq!(sign_in(&mut pool, NAME, "Wr0ng!!!!", after(1)), Err(CognitoError::wrong_password()));
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, after(2)), exceeded);
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, after(3)), Ok(NAME.to_owned()));
    assert_eq!(sign_in(&mut pool, NAME, "Wr0ng!!!!", after(3)), Err(CognitoError::wrong_password()));
}

#[test]
fn a_code_allows_five_attempts() {
    let (mut pool, code) = pool();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..MAX_PER_CODE {
        assert_eq!(pool.confirm(NAME, wrong, NOW), Err(CognitoError::CodeMismatch));
    }
    assert_eq!(pool.confirm(NAME, &code, NOW), Err(ATTEMPTS));
    for n_sent in 2..=MAX_PER_CODE {
        let another = pool.another_code(NAME, NOW).unwrap().unwrap();
        assert_eq!((another.len(), pool.users[NAME].code.n_sent), (6, n_sent));
    }
    assert_eq!(pool.another_code(NAME, NOW), Err(ATTEMPTS));
    let another = pool.another_code(NAME, after(3600)).unwrap().unwrap();
    assert_eq!(pool.confirm(NAME, &another, after(3600)), Ok(()));
    assert!(matches!(pool.confirm(NAME, &another, NOW), Err(CognitoError::NotAuthorized(_))));
    assert!(matches!(pool.another_code(NAME, NOW), Err(CognitoError::InvalidParameter(_))));
    assert_eq!(pool.confirm("unknown", &code, NOW), Err(CognitoError::CodeMismatch));
    assert_eq!(pool.another_code("unknown", NOW), Ok(None));
}

#[test]
fn a_code_resets_a_password_once() {
    let mut pool = confirmed();
    let new = "N3w-Passw0rd!";
    assert_eq!(pool.reset_password(NAME, "123456", new, NOW), Err(CognitoError::ExpiredCode));
    let first = pool.forget_password(NAME, NOW).unwrap().unwrap();
    let code = pool.forget_password(NAME, NOW).unwrap().unwrap();
    assert!(first == code || pool.reset_password(NAME, &first, new, NOW) == Err(CognitoError::CodeMismatch));
    let simple = pool.reset_password(NAME, &code, "simple", NOW);
    assert!(matches!(simple, Err(CognitoError::InvalidPassword(_))));
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, NOW), Ok(NAME.to_owned()), "nothing has changed yet");
    assert_eq!(pool.reset_password(NAME, &format!(" {code} "), new, NOW), Ok(()));
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, NOW), Err(CognitoError::wrong_password()));
    assert_eq!(sign_in(&mut pool, NAME, new, NOW), Ok(NAME.to_owned()));
    assert_eq!(pool.reset_password(NAME, &code, new, NOW), Err(CognitoError::ExpiredCode));
    let code = pool.forget_password(NAME, NOW).unwrap().unwrap();
    assert_eq!(pool.reset_password(NAME, &code, new, after(3600)), Err(CognitoError::ExpiredCode));
}

#[test]
fn a_reset_does_not_reveal_who_has_an_account() {
    let mut pool = confirmed();
    assert_eq!(pool.forget_password("unknown", NOW), Ok(None));
    assert_eq!(pool.reset_password("unknown", "123456", PASSWORD, NOW), Err(CognitoError::ExpiredCode));
    for _ in 0..MAX_PER_CODE {
        assert!(pool.forget_password(NAME, NOW).is_ok());
    }
    assert_eq!(pool.forget_password(NAME, NOW), Err(ATTEMPTS));
    let (mut pool, _) = self::pool();
    assert!(matches!(pool.forget_password(NAME, NOW), Err(CognitoError::InvalidParameter(_))));
}

#[test]
fn a_deleted_account_cannot_sign_in() {
    let mut pool = confirmed();
    assert!(pool.delete(NAME) && !pool.delete(NAME));
    assert_eq!(sign_in(&mut pool, NAME, PASSWORD, NOW), Err(CognitoError::wrong_password()));
}

#[test]
fn codes_and_challenges_expire() {
    let (mut pool, code) = pool();
    assert_eq!(pool.confirm(NAME, &code, after(24 * 3600)), Err(CognitoError::ExpiredCode));
    let challenge = pool.begin(NAME, "5", NOW).unwrap();
    let proof = Proof {
        username: NAME,
        secret_block: &challenge.secret_block,
        signature: b"x",
        timestamp: TIMESTAMP,
    };
    assert!(
        matches!(pool.finish(&proof, after(180)), Err(CognitoError::NotAuthorized(text)) if text.contains("session"))
    );
}

#[test]
fn users_and_pending_sign_ins_are_limited() {
    let (mut pool, _) = pool();
    assert_eq!(pool.sign_up(NAME, PASSWORD, None, NOW), Err(CognitoError::UsernameExists));
    for n in 0..MAX_EXCHANGES + 5 {
        pool.begin(NAME, "5", after(n as u64 % 60)).unwrap();
    }
    assert_eq!(pool.exchanges.len(), MAX_EXCHANGES);
    pool.begin(NAME, "5", after(1000)).unwrap();
    assert_eq!(pool.exchanges.len(), 1, "expired sign-ins are removed");
    // Copies of one user: a thousand verifiers would only take time.
    let user = || User {
        id: Uuid::nil(),
        email: String::new(),
        verifier: pool.users[NAME].verifier.clone(),
        is_confirmed: false,
        code: MailedCode::new(NOW).unwrap(),
        reset: None,
        wrong_passwords: 0,
        last_wrong: NOW,
    };
    let users: Vec<_> = (1..MAX_USERS).map(|n| (n.to_string(), user())).collect();
    pool.users.extend(users);
    assert!(matches!(pool.sign_up("one@more", PASSWORD, None, NOW), Err(CognitoError::LimitExceeded(_))));
}

#[test]
fn accounts_have_an_address_and_a_password_that_is_not_too_simple() {
    let mut pool = Pool::new([5; 32]);
    let mut sign_up = |name, password, email| pool.sign_up(name, password, email, NOW).map(|_| ());
    assert!(
        matches!(sign_up("visitor", PASSWORD, None), Err(CognitoError::InvalidParameter(text)) if text.contains("email"))
    );
    assert!(matches!(sign_up("visitor", PASSWORD, Some("nowhere")), Err(CognitoError::InvalidParameter(_))));
    assert!(matches!(sign_up("visitor", "simple", Some(NAME)), Err(CognitoError::InvalidPassword(_))));
    assert!(matches!(sign_up("", PASSWORD, Some(NAME)), Err(CognitoError::InvalidParameter(_))));
    assert_eq!(sign_up("visitor", PASSWORD, Some(NAME)), Ok(()));
}
