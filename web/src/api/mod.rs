//! Clients of the services behind the site, and the formats that they use.
//!
//! Everything here is plain data with native tests; requests are sent by [`crate::browser`] and started by [`crate::state`].

pub mod cognito;
pub mod explanation;
pub mod json;
pub mod recommendations;
pub mod session;
pub mod site_config;
pub mod stats;
