//! The house rules that a compiler can't check: who may depend on whom, and who may name the query builder.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The floors, from the top; a crate may use its own floor's ground and everything below.
const FLOORS: [&[&str]; 5] = [
    &["app"],
    &["services/auth", "services/user", "services/notification"],
    &["kit", "web"],
    &["ports/clock", "ports/database", "ports/ephemeral", "ports/bus"],
    &["contracts"],
];

/// What may be used within one floor: nothing that could become a circle.
const WITHIN_A_FLOOR: [(&str, &str); 4] = [
    ("ports/database", "ports/clock"),
    ("ports/ephemeral", "ports/clock"),
    ("ports/bus", "ports/clock"),
    ("ports/bus", "ports/database"),
];

/// Crates beside the house, which nothing inside it may use except in tests.
const OUTBUILDINGS: [&str; 3] = ["testkit", "bench", "chaos"];

#[test]
fn arrows_point_only_down() {
    let metadata = metadata();
    let mut wrong = Vec::new();

    for package in metadata.workspace_packages() {
        let from = room(&metadata, package);
        let Some(floor) = floor_of(&from) else { continue };
        for used in used_rooms(&metadata, package) {
            let within = WITHIN_A_FLOOR.contains(&(from.as_str(), used.as_str()));
            let below = floor_of(&used).is_some_and(|other| other > floor);
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
        let room = room(&metadata, package);
        assert!(floor_of(&room).is_some() || OUTBUILDINGS.contains(&room.as_str()), "{room} has no floor");
        assert_eq!(package.publish, Some(Vec::new()), "{room} must not be published by mistake");
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
            || file == "bench/src/store.rs"
            || file == "testkit/tests/house.rs"
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

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().exec().unwrap()
}

/// The folder of a crate below the root: `services/auth`.
fn room(metadata: &Metadata, package: &Package) -> String {
    let folder = package.manifest_path.parent().unwrap();
    folder.strip_prefix(&metadata.workspace_root).unwrap().to_string()
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// The rooms that `package` uses outside its tests.
fn used_rooms(metadata: &Metadata, package: &Package) -> Vec<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
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
