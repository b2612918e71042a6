//! Likes and adoptions of the mysfits. The host of the router may store them.

use mysfits_domain::MysfitId;

/// What visitors did with one mysfit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Adoption {
    /// The number of likes.
    pub likes: u64,
    /// Whether the mysfit is adopted.
    pub adopted: bool,
}

/// A source of likes and adoptions. The recommendation API itself is stateless; a host with the workshop's
/// other modules passes an implementation to [`routes_with`](crate::routes_with).
pub trait Adoptions: Send + Sync + 'static {
    /// What visitors did with this mysfit, at this moment.
    fn of(&self, mysfit: MysfitId) -> Adoption;
}

/// No store: every mysfit has no likes and is not adopted.
pub(crate) struct NotKept;

impl Adoptions for NotKept {
    fn of(&self, _: MysfitId) -> Adoption {
        Adoption::default()
    }
}
