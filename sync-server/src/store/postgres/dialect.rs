//! What PostgreSQL spells otherwise.

use std::borrow::Cow;

/// `?1` is `$1` here, and `IN rarray(?1)` is `= ANY($1)`. A list of texts that is read from, `FROM rarray(?1) AS asked`, is
/// unfolded; SQLite calls its column `value`.
pub(super) fn of(sql: &str) -> Cow<'_, str> {
    if !sql.contains('?') {
        return Cow::Borrowed(sql);
    }
    let unfolded =
        sql.replace("FROM rarray(", "FROM unnest(CAST(").replace(") AS asked", " AS text[])) AS asked(value)");
    Cow::Owned(unfolded.replace("IN rarray(", "= ANY(").replace('?', "$"))
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
        assert_eq!(
            of("SELECT asked.value FROM rarray(?2) AS asked WHERE c = ?1"),
            "SELECT asked.value FROM unnest(CAST($2 AS text[])) AS asked(value) WHERE c = $1"
        );
    }
}
