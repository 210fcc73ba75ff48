//! The proof that something is on disk.

/// A value that has been committed and synced. Only a store's commit can make one, so whoever
/// asks for it in a signature cannot be told of something that may still be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durable<T>(T);

impl<T> Durable<T> {
    pub(in crate::store) fn committed(value: T) -> Self {
        Self(value)
    }

    pub fn get(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }

    /// A part of what is durable is durable.
    pub fn map<U>(&self, part: impl FnOnce(&T) -> U) -> Durable<U> {
        Durable(part(&self.0))
    }
}
