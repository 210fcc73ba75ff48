//! What goes into a question and comes out of a row, whichever engine answers it.

use super::StoreError;

/// A cell, or a list of them for `IN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    Ints(Vec<i64>),
    Texts(Vec<String>),
    Blobs(Vec<Vec<u8>>),
    /// A number that fits no column: an error, never another number.
    Unfit,
}

impl Value {
    pub(in crate::store) fn blobs<const N: usize>(all: impl IntoIterator<Item = [u8; N]>) -> Self {
        Self::Blobs(all.into_iter().map(|one| one.to_vec()).collect())
    }

    pub(in crate::store) fn ints(all: impl IntoIterator<Item = i64>) -> Self {
        Self::Ints(all.into_iter().collect())
    }

    pub(in crate::store) fn texts<'a>(all: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Texts(all.into_iter().map(str::to_owned).collect())
    }
}

macro_rules! small_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Int(i64::from(number))
            }
        }

        impl FromValue for $number {
            fn from_value(value: Value) -> Result<Self, StoreError> {
                i64::from_value(value)?.try_into().map_err(|_| StoreError::BadRow)
            }
        }
    )*};
}

small_numbers!(u8, u16, u32, i32);

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Unfit, Self::Int)
    }
}

impl From<usize> for Value {
    /// Only limits are counted in `usize`.
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Int(i64::from(is))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a question, in the order of their numbers.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::store::value::Value::from($value)),*]
    };
}
pub(in crate::store) use values;

pub(in crate::store) trait FromValue: Sized {
    fn from_value(value: Value) -> Result<Self, StoreError>;
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        Ok(value)
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Int(number) => Ok(number),
            _ => Err(StoreError::BadRow),
        }
    }
}

impl FromValue for u64 {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        i64::from_value(value)?.try_into().map_err(|_| StoreError::BadRow)
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        Ok(i64::from_value(value)? != 0)
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err(StoreError::BadRow),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Blob(bytes) => Ok(bytes),
            _ => Err(StoreError::BadRow),
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        Vec::from_value(value)?.try_into().map_err(|_| StoreError::BadRow)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        if value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

/// A row that was read; each cell is taken once.
pub(in crate::store) struct Row(Vec<Value>);

impl Row {
    pub(in crate::store) fn of(cells: Vec<Value>) -> Self {
        Self(cells)
    }

    pub(in crate::store) fn get<T: FromValue>(&mut self, at: usize) -> Result<T, StoreError> {
        let cell = self.0.get_mut(at).ok_or(StoreError::BadRow)?;
        T::from_value(std::mem::replace(cell, Value::Null))
    }

    #[cfg(test)]
    pub(in crate::store) fn cells(&self) -> &[Value] {
        &self.0
    }
}

/// Many rows for one table.
pub(in crate::store) struct Insert {
    pub(in crate::store) table: &'static str,
    /// Each with PostgreSQL's name of its type.
    pub(in crate::store) columns: &'static [(&'static str, &'static str)],
    /// What to do with a row that is there, from `ON CONFLICT` on. No two rows of one call may be the same one.
    pub(in crate::store) conflict: &'static str,
}

pub(in crate::store) fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(in crate::store) fn to_cbor(value: &impl minicbor::Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

pub(in crate::store) fn from_cbor<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    minicbor::decode(bytes).map_err(|_| StoreError::BadRow)
}
