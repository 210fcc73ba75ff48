//! From the declarations that ts-rs writes for screens to JSON Schema: one derivation serves both.
//!
//! Only what our shapes are made of is read: objects, lists, maps from texts, choices of words, `null`, names.
//! Every number is whole; there is no fraction in this agreement.

use serde_json::{Map, Value, json};

/// The schema of a type as TypeScript writes it; `None` for what is not read here.
pub(super) fn schema(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let schema = reader.union()?;
    reader.blank();
    reader.rest.is_empty().then_some(schema)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.blank();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn word(&mut self) -> Option<&'a str> {
        self.blank();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn quoted(&mut self) -> Option<&'a str> {
        if !self.takes("\"") {
            return None;
        }
        let (word, rest) = self.rest.split_once('"')?;
        self.rest = rest;
        Some(word)
    }

    fn comment(&mut self) -> Option<String> {
        if !self.takes("/**") {
            return None;
        }
        let (text, rest) = self.rest.split_once("*/")?;
        self.rest = rest;
        let lines = text.lines().map(|line| line.trim().trim_start_matches('*').trim()).filter(|line| !line.is_empty());
        Some(lines.collect::<Vec<_>>().join(" "))
    }

    fn union(&mut self) -> Option<Value> {
        let mut choices = vec![self.one()?];
        while self.takes("|") {
            choices.push(self.one()?);
        }
        if choices.len() == 1 { choices.pop() } else { either(choices) }
    }

    fn one(&mut self) -> Option<Value> {
        self.blank();
        if self.takes("(") {
            let inner = self.union()?;
            return self.takes(")").then_some(inner);
        }
        if self.takes("{") {
            return self.object();
        }
        if let Some(word) = self.quoted() {
            return Some(json!({ "type": "string", "enum": [word] }));
        }
        match self.word()? {
            "string" => Some(json!({ "type": "string" })),
            "number" => Some(json!({ "type": "integer" })),
            "boolean" => Some(json!({ "type": "boolean" })),
            "null" => Some(json!({ "type": "null" })),
            "Array" => {
                let items = self.takes("<").then(|| self.union())??;
                self.takes(">").then(|| json!({ "type": "array", "items": items }))
            }
            name if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                Some(json!({ "$ref": format!("#/components/schemas/{name}") }))
            }
            _ => None,
        }
    }

    fn object(&mut self) -> Option<Value> {
        if self.takes("[") {
            // A map: `[key in string]: T`, with or without a question mark.
            let (_, rest) = self.rest.split_once(']')?;
            self.rest = rest;
            self.takes("?");
            let values = self.takes(":").then(|| self.union())??;
            self.takes(",");
            return self.takes("}").then(|| json!({ "type": "object", "additionalProperties": values }));
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        loop {
            let comment = self.comment();
            if self.takes("}") {
                break;
            }
            let name = self.quoted().or_else(|| self.word())?;
            if !self.takes("?") {
                required.push(name);
            }
            let mut value = self.takes(":").then(|| self.union())??;
            if let Some(comment) = comment {
                value["description"] = Value::String(comment);
            }
            properties.insert(name.to_owned(), value);
            let _ = self.takes(",") || self.takes(";");
        }
        Some(json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        }))
    }
}

/// Words together, `null` beside a plain type, or one of several shapes.
fn either(choices: Vec<Value>) -> Option<Value> {
    if choices.iter().all(|choice| choice["enum"].is_array()) {
        let words: Vec<_> = choices.iter().filter_map(|choice| choice["enum"].get(0)).collect();
        return Some(json!({ "type": "string", "enum": words }));
    }
    if let [one, nothing] = choices.as_slice()
        && nothing["type"] == "null"
        && let (Some(kind), true) = (one["type"].as_str(), one["enum"].is_null())
    {
        let mut one = one.clone();
        one["type"] = json!([kind, "null"]);
        return Some(one);
    }
    Some(json!({ "anyOf": choices }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ts_rs_writes_is_read() {
        let read = schema(
            "{ a: string, \n/**\n * Why.\n */\nb: number | null, c: Array<Line>, d: { [key in string]: string }, }",
        );
        let expected = json!({
            "type": "object",
            "properties": {
                "a": { "type": "string" },
                "b": { "type": ["integer", "null"], "description": "Why." },
                "c": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                "d": { "type": "object", "additionalProperties": { "type": "string" } },
            },
            "required": ["a", "b", "c", "d"],
            "additionalProperties": false,
        });
        assert_eq!(read, Some(expected));
        assert_eq!(schema("\"open\" | \"gone\""), Some(json!({ "type": "string", "enum": ["open", "gone"] })));
        let maybe = json!({ "anyOf": [{ "$ref": "#/components/schemas/Dose" }, { "type": "null" }] });
        assert_eq!(schema("Dose | null"), Some(maybe));
    }

    #[test]
    fn what_is_not_read_is_said_so() {
        for strange in ["bigint", "[string, number]", "{ a: string", "string extra", ""] {
            assert_eq!(schema(strange), None, "{strange}");
        }
    }
}
