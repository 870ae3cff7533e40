//! One JSON Schema beside another.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::{elements, members};

/// Who writes what a schema describes, and who has to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Clients write it: whatever was taken has to be taken.
    Sent,
    /// Clients read it: whatever they found has to be found.
    Received,
}

/// Two documents, and what of the first one's schemas is not kept by the second one's.
pub(super) struct Comparison<'a> {
    before: &'a Value,
    after: &'a Value,
    way: Way,
    compared: HashSet<(*const Value, *const Value)>,
    pub(super) breaks: Vec<String>,
}

/// A schema without its references and branches.
#[derive(Default)]
struct Shape<'a> {
    types: BTreeSet<&'a str>,
    formats: BTreeSet<&'a str>,
    /// The words that it can be; none where it can be any.
    words: BTreeSet<&'a str>,
    properties: BTreeMap<&'a str, &'a Value>,
    required: BTreeSet<&'a str>,
    /// Schemas of elements and of values under any name.
    contained: Vec<&'a Value>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(before: &'a Value, after: &'a Value, way: Way) -> Self {
        Self { before, after, way, compared: HashSet::new(), breaks: Vec::new() }
    }

    /// Compares what stands at `place`.
    pub(super) fn compare(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        let (old, new) = (target(self.before, old), target(self.after, new));
        if !self.compared.insert((old, new)) {
            return;
        }
        let (old, new) = (Shape::of(self.before, old), Shape::of(self.after, new));
        self.compare_types(place, &old, &new);
        for (name, schema) in &old.properties {
            match new.properties.get(name) {
                None => self.breaks.push(format!("{place}: the field {name} is gone")),
                Some(next) => self.compare(&format!("{place}, field {name}"), schema, next),
            }
        }
        let (from, to, meaning) = match self.way {
            Way::Sent => (&new.required, &old.required, "is required"),
            Way::Received => (&old.required, &new.required, "may be missing"),
        };
        for name in from.difference(to).filter(|name| new.properties.contains_key(**name)) {
            self.breaks.push(format!("{place}: the field {name} {meaning}"));
        }
        for (old, new) in old.contained.iter().zip(&new.contained) {
            self.compare(&format!("{place}, element"), old, new);
        }
    }

    fn compare_types(&mut self, place: &str, old: &Shape<'a>, new: &Shape<'a>) {
        let (written, read) = match self.way {
            Way::Sent => (old, new),
            Way::Received => (new, old),
        };
        let is_read = read.types.is_empty() || (!written.types.is_empty() && written.types.is_subset(&read.types));
        if !is_read || old.formats != new.formats {
            self.breaks.push(format!("{place}: the type changes from {} to {}", old.described(), new.described()));
        }
        // A word that is new in an answer is overlooked; one that was taken has to be taken.
        if self.way == Way::Sent && !new.words.is_empty() {
            for word in old.words.difference(&new.words) {
                self.breaks.push(format!("{place}: the value {word} is refused"));
            }
        }
    }
}

/// The schema that `schema` stands for.
fn target<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let named = root.pointer(reference.trim_start_matches('#')).expect("a description refers to what it holds");
            target(root, named)
        }
        None => schema,
    }
}

impl<'a> Shape<'a> {
    fn of(root: &'a Value, schema: &'a Value) -> Self {
        let mut shape = Self::default();
        shape.add(root, schema);
        shape
    }

    fn add(&mut self, root: &'a Value, schema: &'a Value) {
        let schema = target(root, schema);
        self.types.extend(schema["type"].as_str());
        self.types.extend(elements(&schema["type"]).filter_map(Value::as_str));
        self.formats.extend(schema["format"].as_str());
        self.words.extend(schema["const"].as_str());
        self.words.extend(elements(&schema["enum"]).filter_map(Value::as_str));
        self.properties.extend(members(&schema["properties"]).map(|(name, schema)| (name.as_str(), schema)));
        self.required.extend(elements(&schema["required"]).filter_map(Value::as_str));
        let contained = ["items", "additionalProperties"].map(|name| &schema[name]);
        self.contained.extend(contained.into_iter().filter(|schema| schema.is_object()));
        for part in elements(&schema["allOf"]) {
            self.add(root, part);
        }
        self.add_branches(root, schema);
    }

    /// A field is required of what has branches where each of them requires it; that it may be null says nothing of its fields.
    fn add_branches(&mut self, root: &'a Value, schema: &'a Value) {
        let branches = ["oneOf", "anyOf"].into_iter().flat_map(|name| elements(&schema[name]));
        let branches: Vec<Self> = branches.map(|branch| Self::of(root, branch)).collect();
        let with_fields = || branches.iter().filter(|branch| !branch.properties.is_empty());
        let required = with_fields().map(|branch| branch.required.clone());
        self.required.extend(required.reduce(|all, next| &all & &next).unwrap_or_default());
        for branch in branches {
            self.types.extend(branch.types);
            self.formats.extend(branch.formats);
            self.words.extend(branch.words);
            self.properties.extend(branch.properties);
            self.contained.extend(branch.contained);
        }
    }

    fn described(&self) -> String {
        let words: Vec<&str> = self.types.iter().chain(&self.formats).copied().collect();
        if words.is_empty() { "anything".to_owned() } else { words.join(" or ") }
    }
}
