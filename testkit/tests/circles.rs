//! Modules of one crate that import each other in a circle: none of them can be read, or moved, without all others.
//!
//! Reads imports as text: paths that begin with `crate`, `super` or `self`, outside tests. What a module reaches through a
//! name that its parent hands on (`pub use`) is not seen.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

/// Circles that stand, by crate and parent module, each with its reason. One that is gone has to leave this list.
const STANDING: [Standing; 12] = [
    Standing {
        place: "ports/bus/kafka",
        modules: &["member", "progress"],
        reason: "a member tells its progress, which is told of members",
    },
    Standing {
        place: "services/auth",
        modules: &["actions", "state"],
        reason: "the state holds the keys that sign, which an action looks after",
    },
    Standing {
        place: "services/auth/actions",
        modules: &["answer_mail_requests", "forgot_password", "resend_verification"],
        reason: "a mail request is recorded by one of two actions and answered later by the same",
    },
    Standing {
        place: "ports/database",
        modules: &["channel", "engine", "postgres"],
        reason: "an engine is one of two adapters, and a channel of Postgres holds what the adapter lent",
    },
    Standing {
        place: "ports/database/postgres",
        modules: &["lease", "pool"],
        reason: "a lease goes back to the pool that made it",
    },
    Standing {
        place: "ports/bus",
        modules: &["bus", "kafka", "rewind", "status"],
        reason: "the bus offers what only Kafka has, a rewind and a lag, in types of its own",
    },
    Standing {
        place: "ports/bus",
        modules: &["dead_letters", "fan_out", "log", "outbox", "relay", "store"],
        reason: "queries answer in the types of those who ask, which should stand in the model",
    },
    Standing {
        place: "ports/bus",
        modules: &["maintenance", "runner"],
        reason: "the runner has to know how long maintenance keeps rows of the inbox",
    },
    Standing {
        place: "ports/bus/relay",
        modules: &["copying", "held"],
        reason: "what is copied may be held, and what was held is buried as copying buries",
    },
    Standing {
        place: "ports/bus/runner",
        modules: &["attempt", "work"],
        reason: "work is made of attempts, and an attempt is told what work it is of",
    },
    Standing {
        place: "bench",
        modules: &["client", "diner"],
        reason: "a diner asks by a client, which registers diners",
    },
    Standing {
        place: "chaos",
        modules: &["ledger", "stops"],
        reason: "the ledger keeps what stops took, and a stop is written into it",
    },
];

struct Standing {
    place: &'static str,
    modules: &'static [&'static str],
    /// Why it is better than what would end it.
    #[expect(dead_code, reason = "it is for readers")]
    reason: &'static str,
}

/// A module by its path below the crate: `["relay", "held"]`.
type Module = Vec<String>;

#[test]
fn no_modules_import_each_other_in_a_circle() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let root = &metadata.workspace_root;

    let mut found = BTreeSet::new();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent().unwrap();
        found.extend(circles(root.as_std_path(), folder.strip_prefix(root).unwrap().as_str()));
    }

    let standing: BTreeSet<String> =
        STANDING.iter().map(|circle| format!("{}: {}", circle.place, circle.modules.join(", "))).collect();
    let new: Vec<_> = found.difference(&standing).collect();
    let gone: Vec<_> = standing.difference(&found).collect();
    assert!(new.is_empty(), "new circles, to be broken or listed with a reason: {new:#?}");
    assert!(gone.is_empty(), "these circles are gone; take them off the list: {gone:#?}");
}

#[test]
fn a_circle_is_seen_through_trees_of_imports() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("src");
    fs::create_dir(&source).unwrap();
    let write = |name: &str, text: &str| fs::write(source.join(name), text).unwrap();
    write("lib.rs", "mod a;\nmod b;\nmod c;");
    write("a.rs", "use std::fmt;\nuse crate::{\n    b::{One, Two as Other},\n};");
    write("b.rs", "// use crate::c::Nothing;\nfn two() { super::c::three() }");
    write("c.rs", "#[cfg(test)]\nmod tests {\n    use crate::a::Zero;\n}\n");

    assert_eq!(circles(folder.path(), ""), Vec::<String>::new());

    write("c.rs", "pub(crate) use super::a::{Zero};");
    assert_eq!(circles(folder.path(), ""), [": a, b, c"]);
}

/// The circles of the crate in `folder`: that, the parent module and the modules.
fn circles(root: &Path, folder: &str) -> Vec<String> {
    let source = root.join(folder).join("src");
    let files: BTreeMap<Module, String> = rust_files(&source)
        .into_iter()
        .map(|file| (module_of(file.strip_prefix(&source).unwrap()), fs::read_to_string(file).unwrap()))
        .filter(|(module, _)| !is_for_tests(module))
        .collect();

    // For each parent: which of its modules imports which other one.
    let mut arrows: BTreeMap<Module, BTreeSet<(String, String)>> = BTreeMap::new();
    for (module, text) in &files {
        for path in paths(&without_tests(text)) {
            let Some(used) = resolve(module, &path, &files) else { continue };
            let shared = module.iter().zip(&used).take_while(|(one, other)| one == other).count();
            if let (Some(from), Some(to)) = (module.get(shared), used.get(shared)) {
                arrows.entry(module[..shared].to_vec()).or_default().insert((from.clone(), to.clone()));
            }
        }
    }

    let named = |parent: &Module| [&[folder.to_owned()], &parent[..]].concat().join("/");
    arrows
        .iter()
        .flat_map(|(parent, arrows)| {
            rings(arrows).into_iter().map(move |ring| format!("{}: {}", named(parent), ring.join(", ")))
        })
        .collect()
}

/// The groups of two or more that all reach each other.
fn rings(arrows: &BTreeSet<(String, String)>) -> Vec<Vec<String>> {
    let reached = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(at) = next.pop() {
            for (_, to) in arrows.iter().filter(|(from, _)| from == at) {
                if seen.insert(to) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<&String>> = arrows.iter().map(|(from, _)| (from, reached(from))).collect();
    let rings: BTreeSet<Vec<String>> = reach
        .iter()
        .filter(|(from, to)| to.contains(*from))
        .map(|(from, to)| to.iter().filter(|to| reach.get(*to).is_some_and(|back| back.contains(from))))
        .map(|ring| ring.map(|module| (*module).clone()).collect())
        .collect();
    rings.into_iter().collect()
}

fn module_of(file: &Path) -> Module {
    let mut module: Module = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

fn is_for_tests(module: &Module) -> bool {
    let names = ["tests", "fixture", "contract", "simulation", "theorem"];
    module.iter().any(|part| names.contains(&part.as_str()) || part.ends_with("_tests"))
}

/// `text` without comments and without what follows `mod tests {`, which stands last.
fn without_tests(text: &str) -> String {
    let text = text.split_once("\nmod tests {").map_or(text, |(before, _)| before);
    text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code)).collect::<Vec<_>>().join("\n")
}

/// The paths of `text` that lead through this crate, trees of imports taken apart.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(root) {
            let is_start = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$');
            if is_start {
                take_apart(&text[at..], &[], &mut found);
            }
        }
    }
    found
}

/// Reads one path, or one tree of them, at the start of `text` into `found`, and returns what follows it.
fn take_apart<'a>(text: &'a str, before: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let (mut path, mut rest) = (before.to_vec(), text.trim_start());
    loop {
        if let Some(mut branches) = rest.strip_prefix('{') {
            loop {
                branches = branches.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
                if branches.is_empty() || branches.starts_with('}') {
                    return branches.get(1..).unwrap_or_default();
                }
                let left = take_apart(branches, &path, found);
                // What is no word of a path, such as the name behind `as`, ends its branch.
                branches = left.trim_start_matches(|c: char| c != ',' && c != '}');
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        path.push(rest[..end].to_owned());
        rest = &rest[end..];
        let Some(further) = rest.strip_prefix("::") else { break };
        rest = further;
    }
    found.push(path);
    rest
}

/// The deepest module that `path`, as it stands in `module`, names.
fn resolve(module: &Module, path: &[String], files: &BTreeMap<Module, String>) -> Option<Module> {
    let mut at = module.clone();
    for part in path {
        match part.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()?),
            name => {
                at.push(name.to_owned());
                if !files.contains_key(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    Some(at)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
