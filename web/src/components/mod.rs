//! The components of the pages.
//!
//! Most of them are [static HTML](static_html): they are rendered natively only and are never hydrated.

pub mod account;
mod alignment;
pub mod banner;
mod card;
mod close_button;
mod contact;
mod engagement;
mod filters;
pub mod footer;
mod form;
mod lazy_mount;
mod my_account;
mod privacy_link;
pub mod profile;
mod quiz;
pub mod static_html;

pub use card::Cards;
pub use contact::ContactDialog;
pub use filters::Filters;
pub use quiz::QuizDialog;
