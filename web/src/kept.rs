//! Values that live as long as the page and that no view follows.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A handle to a value; copies share it.
///
/// What a view follows is a signal; this is for the rest, at a fraction of a signal's code.
#[derive(Debug)]
pub struct Kept<T: 'static>(&'static Mutex<T>);

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kept<T> {}

impl<T> Kept<T> {
    /// Keeps a value from now on. Its memory is the page's, which has a handful of them.
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Mutex::new(value))))
    }

    /// Looks at the value, or changes it.
    pub fn with<R>(self, look: impl FnOnce(&mut T) -> R) -> R {
        look(&mut self.lock())
    }

    /// Replaces the value.
    pub fn set(self, value: T) {
        *self.lock() = value;
    }

    // A panic in another look has left some value, and any is as good as another.
    fn lock(self) -> MutexGuard<'static, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Kept<T> {
    /// A copy of the value.
    pub fn get(self) -> T {
        self.lock().clone()
    }
}
