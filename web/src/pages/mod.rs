//! The pages: components composed with their state.

#[cfg(not(target_arch = "wasm32"))]
mod about;
mod events;
mod home;
#[cfg(not(target_arch = "wasm32"))]
mod not_found;
#[cfg(not(target_arch = "wasm32"))]
mod profile;
#[cfg(target_arch = "wasm32")]
mod profile_listeners;
#[cfg(not(target_arch = "wasm32"))]
mod similar;

pub use home::HomePage;
#[cfg(target_arch = "wasm32")]
pub use profile_listeners::attach_listeners;
#[cfg(not(target_arch = "wasm32"))]
pub use {about::AboutPage, not_found::NotFoundPage, profile::ProfilePage};
