//! The rules of the layers that a compiler can't check: who may depend on whom, and who may name the query builder.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The layers, from the top, by the folders of their crates: `/*` is every crate in the folder. A crate may use every layer
/// below its own.
const LAYERS: [&[&str]; 6] = [&["app"], &["services/*"], &["web"], &["kit", "search"], &["ports/*"], &["contracts"]];

/// What may be used within one layer: nothing that could become a circle.
const WITHIN_A_LAYER: [(&str, &str); 4] = [
    ("ports/database", "ports/clock"),
    ("ports/ephemeral", "ports/clock"),
    ("ports/bus", "ports/clock"),
    ("ports/bus", "ports/database"),
];

/// Crates beside the layers, which nothing inside it may use except in tests.
const BESIDE: [&str; 3] = ["testkit", "bench", "chaos"];

#[test]
fn dependencies_point_only_down() {
    let metadata = metadata();
    let mut wrong = Vec::new();

    for package in metadata.workspace_packages() {
        let from = folder(&metadata, package);
        let Some(layer) = layer_of(&from) else { continue };
        for used in used_rooms(&metadata, package) {
            let within = WITHIN_A_LAYER.contains(&(from.as_str(), used.as_str()));
            let below = layer_of(&used).is_some_and(|other| other > layer);
            if !within && !below {
                wrong.push(format!("{from} uses {used}"));
            }
        }
    }

    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_crate_has_its_place() {
    let metadata = metadata();

    for package in metadata.workspace_packages() {
        let folder = folder(&metadata, package);
        assert!(layer_of(&folder).is_some() || BESIDE.contains(&folder.as_str()), "{folder} has no layer");
        assert_eq!(package.publish, Some(Vec::new()), "{folder} must not be published by mistake");
    }
}

#[test]
fn the_query_builder_is_named_only_where_queries_live() {
    let root = metadata().workspace_root.into_std_path_buf();
    let allowed = |file: &Path| {
        let file = file.strip_prefix(&root).unwrap().to_str().unwrap();
        file.starts_with("ports/database/")
            || file.starts_with("ports/bus/")
            || file.starts_with("contracts/src/")
            || (file.starts_with("services/") && (file.contains("/src/store") || file.contains("/src/migrations")))
            || file.starts_with("bench/src/store/")
            || file == "testkit/tests/architecture.rs"
    };

    let mut wrong = Vec::new();
    for file in rust_files(&root) {
        let text = fs::read_to_string(&file).unwrap();
        if !allowed(&file) && ["sea_orm::", "sea_orm_migration::", "sea_query::"].iter().any(|path| text.contains(path))
        {
            wrong.push(file);
        }
    }

    assert_eq!(wrong, Vec::<PathBuf>::new());
}

#[test]
fn every_licence_is_one_that_we_allow() {
    let metadata = MetadataCommand::new().exec().unwrap();
    let deny: toml::Table = fs::read_to_string(metadata.workspace_root.join("deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap()).collect();

    // One of the alternatives suffices; of a conjunction every part must be allowed.
    let is_allowed = |expression: &str| {
        expression
            .replace(['(', ')'], "")
            .replace('/', " OR ")
            .split(" AND ")
            .all(|part| part.split(" OR ").any(|licence| allowed.contains(&licence.trim())))
    };
    let foreign: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some())
        .filter(|package| !package.license.as_deref().is_some_and(is_allowed))
        .map(|package| format!("{} {:?}", package.name, package.license))
        .collect();

    assert_eq!(foreign, Vec::<String>::new());
}

/// What two platforms in one process share would let tests, and tenants, disturb each other.
#[test]
fn nothing_that_changes_is_global() {
    let metadata = metadata();
    let changes = ["Once", "Lock", "Mutex", "Atomic", "Cell", "static mut"];
    let mut wrong = Vec::new();

    let layered =
        metadata.workspace_packages().into_iter().filter(|package| layer_of(&folder(&metadata, package)).is_some());
    for package in layered {
        for file in rust_files(package.manifest_path.parent().unwrap().join("src").as_std_path()) {
            let text = fs::read_to_string(&file).unwrap();
            let globals = text.lines().map(str::trim).filter(|line| {
                line.starts_with("static ") || line.contains(") static ") || line.starts_with("pub static ")
            });
            wrong.extend(
                globals
                    .filter(|line| changes.iter().any(|word| line.contains(word)))
                    .map(|line| format!("{}: {line}", file.display())),
            );
        }
    }

    assert_eq!(wrong, Vec::<String>::new());
}

/// In the merged description the later of two types with one name would take the earlier one's place, without a word.
#[test]
fn no_two_types_have_one_name_in_the_description() {
    let root = metadata().workspace_root.into_std_path_buf();
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();

    for folder in ["app/src", "services", "kit/src", "web/src", "ports", "contracts/src"] {
        for file in rust_files(&root.join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            for name in schema_names(&text) {
                named.entry(name).or_default().push(file.strip_prefix(&root).unwrap().display().to_string());
            }
        }
    }

    assert!(named.len() > 40, "{named:?}");
    named.retain(|_, files| files.len() > 1);
    assert_eq!(named, BTreeMap::new());
}

/// The names under which the types of a file stand in the description.
fn schema_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_schema = false;
    let mut renamed: Option<String> = None;
    for line in text.lines().map(str::trim) {
        is_schema |= line.starts_with("#[derive(") && line.contains("ToSchema");
        if let Some(name) = line.strip_prefix("#[schema(as = ") {
            renamed = name.split([',', ')']).next().map(ToOwned::to_owned);
        }
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(|word| word == "struct" || word == "enum") && !line.starts_with("//") {
            let own = words.next().unwrap_or_default().to_owned();
            if std::mem::take(&mut is_schema) {
                names.push(renamed.take().unwrap_or(own));
            }
            renamed = None;
        }
    }
    names
}

/// A clause that no macro names is run by nobody, and the compiler takes it for part of the public suite.
#[test]
fn every_clause_of_a_suite_is_a_test() {
    let root = metadata().workspace_root.into_std_path_buf();
    let suites = fs::read_dir(root.join("ports")).unwrap().map(|port| port.unwrap().path().join("src/contract"));
    let mut clauses = 0;
    let mut forgotten = Vec::new();

    for suite in suites.filter(|suite| suite.is_dir()) {
        let named = fs::read_to_string(suite.join("mod.rs")).unwrap();
        let named: Vec<&str> = named.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
        for file in rust_files(&suite) {
            let text = fs::read_to_string(&file).unwrap();
            let functions = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('<'));
            let of_suite: Vec<_> = functions.filter(|(_, rest)| rest.starts_with("H: Harness>()")).collect();
            clauses += of_suite.len();
            forgotten
                .extend(of_suite.iter().filter(|(name, _)| !named.contains(name)).map(|(name, _)| name.to_string()));
        }
    }

    assert_eq!(forgotten, Vec::<String>::new());
    assert!(clauses > 60, "{clauses}");
}

/// The compiler takes an implementation that no consumer names for part of what a service offers; its events wait unheard.
#[test]
fn every_event_that_a_service_can_hear_is_heard() {
    let root = metadata().workspace_root.into_std_path_buf();
    let mut ears = 0;
    let mut deaf = Vec::new();

    for service in fs::read_dir(root.join("services")).unwrap() {
        let files = rust_files(&service.unwrap().path().join("src"));
        let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        for (file, text) in files.iter().zip(&texts) {
            let events = text.lines().filter_map(|line| line.trim().strip_prefix("impl Hears<")?.split_once('>'));
            for (event, _) in events {
                ears += 1;
                if !texts.iter().any(|text| text.contains(&format!(".hears::<{event}>("))) {
                    let file = file.strip_prefix(&root).unwrap().display();
                    deaf.push(format!("{file}: no consumer of the service says .hears::<{event}>(…)"));
                }
            }
        }
    }

    assert!(ears > 1, "{ears}");
    assert_eq!(deaf, Vec::<String>::new());
}

/// Replicas of the release before work on the tables while a fleet is replaced, so what they use goes one release later.
#[test]
fn no_migration_takes_away_what_the_release_before_uses() {
    let root = metadata().workspace_root.into_std_path_buf();
    // No release has had the table that it drops.
    let allowed = ["services/notification/src/migrations/m0005_idempotency.rs"];
    let taking =
        ["drop_table(", "drop_column(", "rename_table(", "rename_column(", "modify_column(", "DROP ", "RENAME "];

    for file in rust_files(&root.join("services")) {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        if name.contains("/src/migrations/") && !allowed.contains(&name) {
            let found: Vec<_> = taking.iter().filter(|call| text.contains(**call)).collect();
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }
}

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().exec().unwrap()
}

/// The folder of a crate below the root: `services/auth`.
fn folder(metadata: &Metadata, package: &Package) -> String {
    let folder = package.manifest_path.parent().unwrap();
    folder.strip_prefix(&metadata.workspace_root).unwrap().to_string()
}

fn layer_of(folder: &str) -> Option<usize> {
    let is_in = |place: &str| match place.strip_suffix("/*") {
        Some(parent) => folder.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/')),
        None => folder == place,
    };
    LAYERS.iter().position(|layer| layer.iter().any(|place| is_in(place)))
}

/// The crates that `package` uses outside its tests and outside what it offers to those of others, its feature `testing`.
fn used_rooms(metadata: &Metadata, package: &Package) -> Vec<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .filter(|dependency| !(dependency.optional && dependency.name == "testkit"))
        .filter_map(|dependency| dependency.path.as_ref())
        .map(|path| path.strip_prefix(&metadata.workspace_root).unwrap().to_string())
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files.extend(rust_files(&path));
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}
