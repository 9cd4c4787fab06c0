//! What the page says, that nothing breaks out of it, and that it needs nothing else.
use super::{SCRIPT, STYLE, html};
use crate::report::facts::VERSION;
use crate::report::golden::golden;
use crate::report::replay::{BEGAN_UNIX, everything, info, nothing, random, swaps};
use crate::report::replay_open::{MARKUP, arrivals_info, open, several, several_info};
use crate::report::{Results, RunInfo, Series};
use katydid_load::{Snapshot, StopReason, Verdict};
use quick_xml::Reader;
use quick_xml::events::Event;

fn page(run: &[Snapshot], info: &RunInfo, verdict: &Verdict) -> String {
    let mut series = Series::default();
    run.iter().for_each(|snapshot| series.push(snapshot));
    let snapshot = run.last().expect("a run has an end");
    let (began_unix, series, reason) = (BEGAN_UNIX, &series, &StopReason::RunTime);
    let mut out = Vec::new();
    let results = Results { info, began_unix, snapshot, series, verdict, reason };
    html(&results, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("pages are UTF-8")
}

fn pages() -> Vec<String> {
    let verdicts = [
        Verdict::Passed,
        Verdict::RequestsFailed,
        Verdict::ThresholdBreached,
        Verdict::Aborted { reason: MARKUP.to_owned() },
        Verdict::Interrupted,
    ];
    let runs = [
        (everything(), info()),
        (swaps(), info()),
        (open(), arrivals_info()),
        (several(true), several_info()),
        (nothing(), info()),
        (random(3), info()),
    ];
    let page =
        |(i, (run, info)): (usize, &(Vec<Snapshot>, RunInfo))| page(run, info, &verdicts[i % 5]);
    runs.iter().enumerate().map(page).collect()
}

/// The page without what is the same in every one.
fn without_own(page: &str) -> String {
    let policy = page.lines().find(|line| line.contains("Content-Security-Policy"));
    let page = page.replace(policy.unwrap_or("?"), "").replace(STYLE, "").replace(SCRIPT, "");
    page.replace(&format!("<td>{VERSION}</td>"), "<td>0.0.0</td>")
}

#[test]
fn a_small_run() {
    // An element a line, so that a change can be looked at.
    let lines = |page: String| {
        ["<section", "<tr", "<figure", "<svg", "<path", "<text", "<li", "<details", "<h5"]
            .into_iter()
            .fold(without_own(&page), |page, tag| page.replace(tag, &format!("\n{tag}")))
    };
    let open = page(&open(), &arrivals_info(), &Verdict::ThresholdBreached);
    golden("html_open", &lines(open));
    golden("html_nothing", &lines(page(&nothing(), &info(), &Verdict::Passed)));
}

/// A parser that is not ours finds every element ended, every attribute quoted; and knows which there are.
#[test]
fn elements_are_ours() {
    let known = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "footer",
        "section",
        "article",
        "h1",
        "h2",
        "h4",
        "h5",
        "p",
        "b",
        "strong",
        "span",
        "br",
        "time",
        "div",
        "ul",
        "li",
        "abbr",
        "details",
        "summary",
        "pre",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "svg",
        "path",
        "line",
        "text",
        "script",
    ];
    for page in pages() {
        let page = without_own(&page).replace("<!DOCTYPE html>", "");
        assert_eq!(page.matches("<script").count(), 2, "ours, and its data");
        let mut reader = Reader::from_str(&page);
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    assert!(known.contains(&name.as_str()), "<{name}>");
                    for attribute in tag.attributes() {
                        let name = attribute.expect("well-formed").key.as_ref().to_owned();
                        assert!(!name.starts_with("on"), "{name}");
                        assert!(!["src", "href", "style"].contains(&name.as_str()), "{name}");
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
    }
}

#[test]
fn text_of_others_is_shown_and_is_no_markup() {
    let page = page(&open(), &arrivals_info(), &Verdict::Passed);
    let shown = "&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;";
    // A parameter, a threshold, a failure in its table and above its exchanges.
    assert_eq!(page.matches(shown).count(), 1 + 1 + 2 + 1, "{page}");
    assert!(!page.contains("<img"));
    assert!(page.contains("\\u{1b}[2J&lt;/script&gt;&lt;!--"), "a reply");
    assert!(page.contains("… 16,385 more bytes"), "{page}");
}

#[test]
fn nothing_is_fetched() {
    for page in pages() {
        for word in ["src=", "href=", "url(", "@import", "import(", "fetch(", "innerHTML", "eval("]
        {
            // But for what a scenario says.
            let page = page.replace("img src=x", "");
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src &#39;none&#39;; style-src &#39;sha256-"));
    }
}

#[test]
fn a_template_is_filled_once() {
    use super::markup::Markup;
    let parts = [("a", Markup::text("{{b}}")), ("b", Markup::text("!"))];
    let mut out = Vec::new();
    super::fill("x{{a}}y{{b}}{{c}}z", &parts, &mut out).expect("memory takes everything");
    assert_eq!(String::from_utf8_lossy(&out), "x{{b}}y!z");
}
