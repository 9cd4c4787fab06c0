//! The failures that were kept whole, to be opened one by one.
use super::markup::{Markup, element};
use crate::report::exchanges::{self, by_failure};
use katydid_load::Snapshot;
use katydid_load::evidence::{Evidence, Excerpt};

/// For each label and failure, what was asked and what was answered. Nothing where nothing was kept.
pub(super) fn exchanges(snapshot: &Snapshot) -> Markup {
    let of_failure = |evidence: &[std::sync::Arc<Evidence>]| {
        let first = evidence.first()?;
        let title = element("summary").with(element("b").text(first.label.to_string()));
        let title = title.text(format!(": {} ({})", first.failure, evidence.len()));
        let all: Markup = evidence.iter().map(|evidence| one(evidence, snapshot)).collect();
        Some(element("details").class("exchanges").with(title).with(all))
    };
    by_failure(snapshot).filter_map(of_failure).collect()
}

fn one(evidence: &Evidence, snapshot: &Snapshot) -> Markup {
    let who = element("h4").text(exchanges::whose(evidence));
    let when = element("p").class("small").text(exchanges::stamps(evidence, snapshot));
    let article = element("article").with(who).with(when);
    let article = article.with(bytes("Request", &evidence.request));
    article.with(bytes("Reply", &evidence.reply)).into()
}

fn bytes(what: &str, excerpt: &Excerpt) -> Markup {
    let title = element("h5").text(format!("{what}: {}", exchanges::size(excerpt)));
    let mut markup = Markup::from(title);
    if excerpt.length > 0 {
        markup.add(element("pre").attr("tabindex", 0).text(exchanges::shown(excerpt)));
    }
    markup
}
