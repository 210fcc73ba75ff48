//! One operation of the document while it is being written, and the shapes it names.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use ts_rs::{Config, TS, TypeVisitor};

use super::typescript;
use crate::http::fault::{Fault, Media};
use crate::http::form::Form;

const JSON: &str = "application/json";
const CBOR: &str = "application/cbor";

/// Shapes by name. They are read from the same declarations that screens get, so that the two can't differ.
#[derive(Default)]
pub(crate) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    pub fn into_defs(self) -> BTreeMap<String, Value> {
        self.0
    }

    /// How a shape is named in the document; declared with all that it names.
    pub fn of<T: TS + 'static>(&mut self) -> Value {
        self.visit::<T>();
        T::visit_generics(self);
        typescript::schema(&T::name(&Config::default())).unwrap_or(Value::Bool(true))
    }
}

impl TypeVisitor for Schemas {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only derived types have a place of their own.
        if T::output_path().is_none() {
            return;
        }
        let config = Config::default();
        let name = T::ident(&config);
        if self.0.contains_key(&name) {
            return;
        }
        let declared = typescript::schema(&T::inline(&config)).unwrap_or(Value::Bool(true));
        self.0.insert(name, declared);
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

pub(crate) struct Draft<'a> {
    schemas: &'a mut Schemas,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<u16, Value>,
}

impl<'a> Draft<'a> {
    pub fn new(schemas: &'a mut Schemas) -> Self {
        Self { schemas, parameters: Vec::new(), body: None, answers: BTreeMap::new() }
    }

    pub fn into_operation(self) -> Value {
        let answers: Map<String, Value> =
            self.answers.into_iter().map(|(status, told)| (status.to_string(), told)).collect();
        let mut operation = json!({ "parameters": self.parameters, "responses": answers });
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        operation
    }

    pub fn of<T: TS + 'static>(&mut self) -> Value {
        self.schemas.of::<T>()
    }

    // What is asked.

    pub fn path_id(&mut self, name: &str, digits: usize) {
        self.parameter("path", name, "", json!({ "type": "string", "pattern": format!("^[0-9a-fA-F]{{{digits}}}$") }));
    }

    pub fn query(&mut self, name: &str, description: &str, schema: Value) {
        self.parameter("query", name, description, schema);
    }

    pub fn header(&mut self, name: &str, description: &str) {
        self.parameter("header", name, description, json!({ "type": "string" }));
    }

    fn parameter(&mut self, place: &str, name: &str, description: &str, schema: Value) {
        let mut parameter = json!({ "in": place, "name": name, "required": place == "path", "schema": schema });
        if !description.is_empty() {
            parameter["description"] = json!(description);
        }
        self.parameters.push(parameter);
    }

    pub fn form<T: Form + TS + 'static>(&mut self) {
        let named = self.schemas.of::<T>();
        let name = T::ident(&Config::default());
        if let Some(schema) = self.schemas.0.get_mut(&name) {
            as_form::<T>(schema);
        }
        self.body = Some(json!({ "required": true, "content": { JSON: { "schema": named } } }));
    }

    pub fn message<T>(&mut self) {
        let content = json!({ CBOR: { "schema": message_schema::<T>() } });
        self.body = Some(json!({ "required": true, "content": content }));
    }

    // What is told.

    pub fn tells_json<T: TS + 'static>(&mut self, status: u16) {
        let schema = self.schemas.of::<T>();
        self.answer(status, "As asked.", JSON, json!({ "schema": schema }));
    }

    pub fn tells_any_json(&mut self, status: u16) {
        self.answer(status, "An OpenAPI 3.1 document.", JSON, json!({ "schema": { "type": "object" } }));
    }

    pub fn tells_text(&mut self, status: u16, media: &str) {
        self.answer(status, "As asked.", media, json!({ "schema": { "type": "string" } }));
    }

    pub fn tells_bytes(&mut self, status: u16, description: &str) {
        self.answer(status, description, "application/octet-stream", json!({}));
    }

    pub fn tells_message<T>(&mut self, status: u16) {
        self.answer(status, "As asked.", CBOR, json!({ "schema": message_schema::<T>() }));
    }

    pub fn tells_nothing(&mut self, status: u16, description: &str) {
        self.answers.insert(status, json!({ "description": description }));
    }

    pub fn sets_cookie(&mut self) {
        let cookie =
            json!({ "description": "The session's cookie.", "required": true, "schema": { "type": "string" } });
        for answer in self.answers.values_mut() {
            answer["headers"] = json!({ "set-cookie": cookie });
        }
    }

    fn answer(&mut self, status: u16, description: &str, media: &str, content: Value) {
        self.answers.insert(status, json!({ "description": description, "content": { media: content } }));
    }

    /// Every no with its codes. A status that tells something else too may be answered in either way.
    pub fn faults(&mut self, media: Media, faults: &[Fault]) {
        let mut codes: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for fault in faults {
            codes.entry(fault.status).or_default().push(fault.code);
        }
        for (status, codes) in codes {
            let (media, schema) = match media {
                Media::Json => (JSON, failure_schema(&codes)),
                Media::Cbor => (CBOR, json!({})),
            };
            let description = format!("Refused: {}.", codes.join(", "));
            let known = self.answers.get(&status).map(|answer| answer["content"][media]["schema"].clone());
            let schema = known.map_or(schema.clone(), |known| json!({ "anyOf": [known, schema] }));
            self.answer(status, &description, media, json!({ "schema": schema }));
            if let Some(answer) = self.answers.get_mut(&status) {
                answer["x-codes"] = json!(codes);
                if matches!(status, 429) {
                    let wait = json!({ "description": "Seconds until another try.", "schema": { "type": "string" } });
                    answer["headers"] = json!({ "retry-after": wait });
                }
            }
        }
    }
}

fn failure_schema(codes: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": { "code": { "type": "string", "enum": codes } },
        "required": ["code"],
        "additionalProperties": false,
    })
}

/// The bytes are another crate's promise; the document says whose.
fn message_schema<T>() -> Value {
    let name = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
    json!({ "title": name })
}

/// What is sent may leave out what may be nothing, and may hold more than is read; its texts keep their bounds.
fn as_form<T: Form>(schema: &mut Value) {
    let Some(form) = schema.as_object_mut() else { return };
    form.remove("additionalProperties");
    let may_be_nothing = |schema: &Value| schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
    let optional: Vec<String> = form["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, schema)| may_be_nothing(schema))
        .map(|(name, _)| name.clone())
        .collect();
    if let Some(required) = form["required"].as_array_mut() {
        required.retain(|name| name.as_str().is_none_or(|name| !optional.iter().any(|other| other == name)));
    }
    for (name, bound, _) in T::FIELDS {
        let (Value::Object(bound), Some(text)) = (bound.schema(), form["properties"][*name].as_object_mut()) else {
            continue;
        };
        text.extend(bound);
    }
}
