//! What visitors did with the mysfits: kept by whoever wraps the router, if by anybody.

use mysfits_domain::MysfitId;

/// What visitors did with one mysfit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Adoption {
    /// How many likes it has.
    pub likes: u64,
    /// Whether somebody adopted it.
    pub adopted: bool,
}

/// Who knows what visitors did. The recommendation API alone keeps no state; a host that has the workshop's other modules
/// brings it ([`routes_with`](crate::routes_with)).
pub trait Adoptions: Send + Sync + 'static {
    /// What visitors did with this mysfit, at this moment.
    fn of(&self, mysfit: MysfitId) -> Adoption;
}

/// Nobody keeps it: no likes, and all are still to be adopted.
pub(crate) struct NotKept;

impl Adoptions for NotKept {
    fn of(&self, _: MysfitId) -> Adoption {
        Adoption::default()
    }
}
