//! What PostgreSQL spells otherwise.

use std::borrow::Cow;

/// `?1` is `$1` here, and `IN rarray(?1)` is `= ANY($1)`.
pub(super) fn of(sql: &str) -> Cow<'_, str> {
    if !sql.contains('?') {
        return Cow::Borrowed(sql);
    }
    Cow::Owned(sql.replace("IN rarray(", "= ANY(").replace('?', "$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_lists_are_spelled_as_this_engine_wants_them() {
        assert_eq!(of("SELECT 1"), "SELECT 1");
        assert_eq!(
            of("SELECT a FROM t WHERE b IN rarray(?1) AND c = ?2"),
            "SELECT a FROM t WHERE b = ANY($1) AND c = $2"
        );
    }
}
