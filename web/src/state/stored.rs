//! Values that live as long as the page and that no view tracks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A handle to a value; copies share it.
///
/// Like Leptos' `StoredValue`, in a fraction of its code. The value is never dropped.
#[derive(Debug)]
pub struct Stored<T: 'static>(&'static Mutex<T>);

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Stored<T> {}

impl<T> Stored<T> {
    /// Stores a value. Its memory is leaked, so a page must create only a fixed number of them.
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Mutex::new(value))))
    }

    /// Calls a function with the value, which it may change.
    pub fn with<R>(self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock())
    }

    pub fn set(self, value: T) {
        *self.lock() = value;
    }

    // A panic while the lock was held leaves a valid value.
    fn lock(self) -> MutexGuard<'static, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Stored<T> {
    pub fn get(self) -> T {
        self.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Stored;

    #[test]
    fn copies_share_the_value() {
        let stored = Stored::new(1);
        let copy = stored;
        stored.set(2);
        assert_eq!(copy.with(|value| std::mem::replace(value, 3)), 2);
        assert_eq!(stored.get(), 3);
    }
}
