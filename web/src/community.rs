//! The rest of the workshop's page: likes and adoptions, sign-in, the contact form, and that opened profiles are counted.
//!
//! All of it is written into the pages, hidden, and shown where `/config.json` says that the service behind it is set up;
//! what is not set up is neither shown nor asked. The forms and buttons are never hydrated: clicks and submissions are
//! seen at the page's root, which passes them on to [`Community`].

mod account;
mod cognito;
mod contact;
mod facts;
mod session;
mod state;
mod written;

#[cfg(target_arch = "wasm32")]
pub mod srp;

pub use state::Community;
pub use written::{AccountButtons, AccountDialog, Care, ContactButton, ContactDialog, Likes};

/// The id of the dialog for signing in, registering and confirming.
pub const ACCOUNT_ID: &str = "account";
/// The id of the contact form's dialog.
pub const CONTACT_ID: &str = "contact";
