//! What visitors have liked and adopted, as this browser remembers it. The workshop's API does not tell.

use mysfits_domain::MysfitId;

use crate::browser;

/// A request that needs a signed-in visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAction {
    Like(MysfitId),
    Adopt(MysfitId),
}

impl PendingAction {
    /// Returns the mysfit, and the last segment of the request's path.
    pub const fn parts(self) -> (MysfitId, &'static str) {
        match self {
            Self::Like(mysfit) => (mysfit, "like"),
            Self::Adopt(mysfit) => (mysfit, "adopt"),
        }
    }

    /// Returns whether a user has done this.
    pub fn is_marked(self, user: &str) -> bool {
        browser::has_mark(&self.mark_key(user))
    }

    /// Stores whether a user has done this.
    pub fn mark(self, user: &str, is_done: bool) {
        browser::set_mark(&self.mark_key(user), is_done);
    }

    fn mark_key(self, user: &str) -> String {
        let (mysfit, path) = self.parts();
        [path, user, mysfit.as_str()].join(" ")
    }
}

/// Forgets all that a user has done.
pub fn remove_marks(user: &str) {
    for mysfit in MysfitId::all() {
        PendingAction::Like(mysfit).mark(user, false);
        PendingAction::Adopt(mysfit).mark(user, false);
    }
}
