//! The forms that send something to a service.

use super::stored::Stored;
use crate::browser;

/// The submit buttons. They are disabled in the served HTML: without the code, a submission would leave the page.
const SUBMIT_BUTTONS: &str = "[data-awaits-code]";

/// Lets one form at a time wait for a response.
#[derive(Debug, Clone, Copy)]
pub struct FormLock(Stored<bool>);

impl FormLock {
    /// Returns a lock that is not taken.
    pub fn new() -> Self {
        Self(Stored::new(false))
    }

    /// Returns whether a form waits for a response.
    pub fn is_taken(self) -> bool {
        self.0.get()
    }

    /// Takes the lock; returns false if it is taken already.
    pub fn take(self) -> bool {
        let was_taken = self.0.with(|is_taken| std::mem::replace(is_taken, true));
        browser::set_attribute_all(SUBMIT_BUTTONS, "aria-busy", "true");
        !was_taken
    }

    pub fn release(self) {
        self.0.set(false);
        browser::set_attribute_all(SUBMIT_BUTTONS, "aria-busy", "false");
    }
}

pub fn enable_submit_buttons() {
    browser::enable_all(SUBMIT_BUTTONS);
}

#[cfg(test)]
mod tests {
    use super::FormLock;

    #[test]
    fn is_taken_once_until_it_is_released() {
        let lock = FormLock::new();
        assert!(lock.take() && !lock.take() && lock.is_taken());
        lock.release();
        assert!(!lock.is_taken() && lock.take());
    }
}
