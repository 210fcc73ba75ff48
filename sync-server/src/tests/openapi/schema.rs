//! As much of JSON Schema as our document uses; a keyword it does not know is an error, not a yes.

use serde_json::Value;

/// The first thing in `value` that is not as `schema` says.
pub(super) fn mismatch(schema: &Value, document: &Value, value: &Value) -> Option<String> {
    let Some(rules) = schema.as_object() else { return Some(format!("no shape: {schema}")) };
    rules.iter().find_map(|(keyword, rule)| match keyword.as_str() {
        "$ref" => {
            let name = rule.as_str()?.rsplit('/').next()?;
            mismatch(&document["components"]["schemas"][name], document, value)
        }
        "anyOf" => {
            let any = rule.as_array()?.iter().any(|choice| mismatch(choice, document, value).is_none());
            (!any).then(|| format!("none of several shapes: {value}"))
        }
        "type" => {
            let kinds = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
            let fits = kinds.iter().filter_map(Value::as_str).any(|kind| is_a(kind, value));
            (!fits).then(|| format!("{value} is not {rule}"))
        }
        "enum" => (!rule.as_array()?.contains(value)).then(|| format!("{value} is not one of {rule}")),
        "items" => value.as_array()?.iter().find_map(|item| mismatch(rule, document, item)),
        "properties" => rule.as_object()?.iter().find_map(|(name, rule)| {
            let wrong = mismatch(rule, document, value.get(name)?)?;
            Some(format!("{name}: {wrong}"))
        }),
        "required" => {
            let missing = rule.as_array()?.iter().filter_map(Value::as_str).find(|name| value.get(name).is_none());
            missing.map(|name| format!("{name} is missing"))
        }
        "additionalProperties" => value.as_object()?.iter().find_map(|(name, value)| {
            if schema["properties"].get(name).is_some() {
                return None;
            }
            if rule == false { Some(format!("{name} is not documented")) } else { mismatch(rule, document, value) }
        }),
        "description" | "title" => None,
        unknown => Some(format!("{unknown} is not a keyword known here")),
    })
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
