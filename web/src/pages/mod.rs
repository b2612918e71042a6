//! The pages: components composed with their state.

mod events;
mod home;
#[cfg(not(target_arch = "wasm32"))]
mod profile;
#[cfg(target_arch = "wasm32")]
mod profile_listeners;

pub use home::HomePage;
#[cfg(not(target_arch = "wasm32"))]
pub use profile::ProfilePage;
#[cfg(target_arch = "wasm32")]
pub use profile_listeners::attach_listeners;
