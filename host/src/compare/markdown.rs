//! Tables in GitHub's Markdown.
use super::figure;
use super::view::{Section, View};
use katydid_load::Verdict;
use katydid_load::compare::{ChangeJudgement, Finding};
use std::fmt::Write as _;

pub(super) fn text(view: &View) -> String {
    let mut text = String::from("### Load test, before and after\n\n");
    if let Some((verdict, words)) = &view.verdict {
        let mark = if *verdict == Verdict::Passed { "" } else { "**" };
        paragraph(&mut text, &format!("{mark}{words}{mark}"));
    }
    if !view.rules.is_empty() {
        text += "| rule | change | |\n|:--|:--|:--|\n";
        for (rule, change, judgement) in &view.rules {
            let word = match judgement {
                ChangeJudgement::Breached(_) | ChangeJudgement::Unknown(_) => {
                    format!("**{}**", judgement.as_str())
                }
                _ => judgement.as_str().to_owned(),
            };
            line(&mut text, [&code(rule), &words(change), &word]);
        }
        text.push('\n');
    }
    text += "| | before | after | change | |\n|:--|--:|--:|--:|:--|\n";
    for Section { label, lines } in &view.sections {
        let name = label.as_ref().map_or("**all requests**".to_owned(), |label| code(label));
        line(&mut text, [&name, "", "", "", ""]);
        for ([figure, before, after, change], finding) in lines {
            let found = match finding {
                Finding::Worse => "**worse**",
                other => figure::finding(*other),
            };
            line(&mut text, [figure, before, after, change, found]);
        }
    }
    text.push('\n');
    for (what, names) in &view.lists {
        let names: Vec<_> = names.iter().map(|name| code(name)).collect();
        paragraph(&mut text, &format!("{what}: {}", names.join(", ")));
    }
    view.doubts.iter().for_each(|doubt| paragraph(&mut text, &format!("doubt: {}", words(doubt))));
    text += "<details><summary>the runs</summary>\n\n| | before | after |\n|:--|:--|:--|\n";
    for [what, before, after] in &view.facts {
        line(&mut text, [what, &code(before), &code(after)]);
    }
    let _ = write!(text, "\n{}\n\n</details>\n", view.grounds);
    text
}

fn paragraph(text: &mut String, paragraph: &str) {
    // Writing to a string does not fail.
    let _ = write!(text, "{paragraph}\n\n");
}

fn line<const N: usize>(text: &mut String, cells: [&str; N]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Text of others, exactly as it is: nothing in it is markup, and nobody is mentioned.
fn code(text: &str) -> String {
    let text = text.replace('`', "'").replace('|', "\\|");
    match text.trim() {
        "" => "(empty)".to_owned(),
        text => format!("`{text}`"),
    }
}

/// Words of others, in which nothing is markup.
fn words(text: &str) -> String {
    let is_markup = |c: &char| "\\`*_{}[]<>()#!|~@&".contains(*c);
    text.chars().flat_map(|c| is_markup(&c).then_some('\\').into_iter().chain([c])).collect()
}
