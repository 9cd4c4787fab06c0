//! A new project: a template's files, or a scenario that calls every method of a target.

use super::described::Described;
use super::embedded;
use super::kit::cannot;
use super::recipe::{RECIPES, Recipe};
use std::path::{Path, PathBuf};

/// The languages in which a project can be begun.
#[must_use]
pub fn languages() -> Vec<&'static str> {
    RECIPES.iter().map(|recipe| recipe.name).collect()
}

/// Begins a project in a folder that is empty, or not there yet. Answers the files that a person reads.
///
/// # Errors
/// The folder has files in it or cannot be written, or the language has no way to describe a target.
pub fn create(
    language: &str,
    folder: &Path,
    target: Option<&Described>,
) -> Result<Vec<PathBuf>, String> {
    let recipe = RECIPES.iter().find(|recipe| recipe.name == language);
    let recipe = recipe.ok_or_else(|| {
        format!("there is no language {language:?}; there are {}", languages().join(", "))
    })?;
    check_empty(folder)?;
    let scenario = target.map(|target| scenario(recipe, target)).transpose()?;
    let cannot = |error: std::io::Error| cannot("write to", folder, &error);
    let copies = recipe.template.copies.iter().flat_map(|(from, to)| copied(from, to));
    let copies: Vec<(String, &[u8])> = copies.collect();
    // The template's tests are of its own scenario.
    let fits = |(path, _): &(String, _)| target.is_none() || !path.contains("_test.");
    let files: Vec<(String, &[u8])> = copied(recipe.template.folder, "").filter(fits).collect();
    let all = copies.iter().chain(&files).map(|(path, bytes)| (path.as_str(), *bytes));
    embedded::write(folder, all).map_err(cannot)?;
    if let Some(text) = scenario {
        std::fs::write(folder.join(recipe.template.scenario), text).map_err(cannot)?;
    }
    let is_scenario = |(path, _): &(String, _)| path == recipe.template.scenario;
    let read = copies.into_iter().filter(is_scenario).chain(files);
    let mut read: Vec<_> = read.map(|(path, _)| PathBuf::from(path)).collect();
    read.sort_by_key(|path| (path != Path::new(recipe.template.scenario), path.clone()));
    Ok(read)
}

/// Files that the program carries, under the paths that they get.
fn copied(from: &str, to: &str) -> impl Iterator<Item = (String, &'static [u8])> {
    let (from, to) = (from.to_owned(), to.to_owned());
    let wanted = |path: &str| {
        // An SDK is copied without its template.
        path.strip_prefix(&from).is_some_and(|rest| !rest.starts_with("template/"))
    };
    let found: Vec<_> = embedded::FILES.iter().filter(|(path, _)| wanted(path)).collect();
    found.into_iter().map(move |(path, bytes)| {
        let rest = path.trim_start_matches(&from);
        let rest = if to.is_empty() { rest.trim_start_matches('/') } else { rest };
        // Tools that look for projects and settings are not to find a template.
        let rest = rest.trim_end_matches(".template").replace("_gitignore", ".gitignore");
        (format!("{to}{rest}"), *bytes)
    })
}

fn scenario(recipe: &Recipe, target: &Described) -> Result<String, String> {
    let write = recipe.template.describe.ok_or_else(|| {
        let able = RECIPES.iter().filter(|recipe| recipe.template.describe.is_some());
        let able: Vec<_> = able.map(|recipe| recipe.name).collect();
        format!("--from writes no {}; use one of {}", recipe.title, able.join(", "))
    })?;
    match target.methods.is_empty() {
        true => Err(format!("the target {:?} lists no method", target.url)),
        false => Ok(write(target)),
    }
}

fn check_empty(folder: &Path) -> Result<(), String> {
    let name = folder.display();
    match std::fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(format!("{name:?} is not empty; name a new folder")),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(format!("{name:?} is a file; name a new folder"))
        }
        Err(error) => Err(cannot("look into", folder, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::described::Method;
    use crate::toolchain::{Found, find};

    #[test]
    fn each_language_begins_a_project_of_its_own() {
        for language in languages() {
            let folder = tempfile::tempdir().expect("a folder");
            let project = folder.path().join("a b/shop");
            let files = create(language, &project, None).expect("written");
            assert!(files.contains(&PathBuf::from("README.md")), "{language}: {files:?}");
            assert!(files.iter().all(|file| project.join(file).is_file()), "{language}: {files:?}");
            match find(&project) {
                Ok(Found::Project(project)) => assert_eq!(project.language(), language),
                Ok(Found::File(_)) => assert_eq!(language, "wat"),
                Err(error) => unreachable!("{language}: {error}"),
            }
            let again = create(language, &project, None).expect_err("it is not empty");
            assert!(again.contains("is not empty"), "{again}");
        }
        let error = create("cobol", Path::new("/none"), None).expect_err("unknown");
        assert!(error.contains("there is no language \"cobol\"; there are rust, "), "{error}");
    }

    #[test]
    fn a_described_target_is_written_down() {
        let method = |name: &str, parameters: &[&str]| Method {
            name: name.into(),
            parameters: parameters.iter().map(|&name| name.into()).collect(),
            help: "Says something.".into(),
        };
        let kinds = [
            "int",
            "boolean",
            "double",
            "string",
            "dateTime.iso8601",
            "base64",
            "array",
            "struct",
            "nil",
        ];
        let methods =
            vec![method("odd \"name\"", &kinds), method("shop.buy", &["int"]), method("stop", &[])];
        let target = Described { url: "http://127.0.0.1:1/".into(), methods };
        for recipe in RECIPES {
            let Some(write) = recipe.template.describe else { continue };
            let text = write(&target);
            for part in ["http://127.0.0.1:1/", "odd \\\"name\\\"", "Says something.", "shop"] {
                assert!(text.contains(part), "{}: no {part:?} in {text}", recipe.name);
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let nothing = Described { url: "u".into(), methods: Vec::new() };
        let error = create("python", folder.path(), Some(&nothing)).expect_err("no method");
        assert!(error.contains("lists no method"), "{error}");
    }
}
