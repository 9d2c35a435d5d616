//! A document split into its claims: list items and paragraphs by sentence, rows of tables by the sentences behind their
//! first cell.
//!
//! Contract: line breaks within a paragraph, links and bold type change no claim. Headings, code blocks, the heads of
//! tables, and what consists of links alone are no claims.

use anyhow::{Result, bail};

/// One claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The line on which its paragraph, item or row begins.
    pub line: usize,
    /// The sentence on one line, a row's behind the row's first cell.
    pub text: String,
}

/// What a line adds to.
#[derive(Debug, Default)]
struct Reader {
    claims: Vec<Claim>,
    paragraph: Option<Claim>,
    rows: Vec<Claim>,
    in_code: bool,
}

/// The claims of a document in their order.
///
/// # Errors
/// When a table has no head, which no reader of Markdown shows as a table.
pub fn claims(text: &str) -> Result<Vec<Claim>> {
    let mut reader = Reader::default();
    for (number, line) in text.lines().enumerate() {
        reader.line(number + 1, line.trim())?;
    }
    reader.end()?;
    Ok(reader.claims)
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        if line.starts_with("```") {
            self.end()?;
            self.in_code = !self.in_code;
        } else if self.in_code {
        } else if line.is_empty() || line.starts_with('#') {
            self.end()?;
        } else if line.starts_with('|') {
            self.end_paragraph();
            self.rows.push(claim(number, line));
        } else {
            self.end_rows()?;
            let item = item(line);
            if item.is_some() {
                self.end_paragraph();
            }
            match &mut self.paragraph {
                Some(paragraph) => paragraph.text.extend([" ", line]),
                none => *none = Some(claim(number, item.unwrap_or(line))),
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.end_paragraph();
        self.end_rows()
    }

    fn end_paragraph(&mut self) {
        if let Some(Claim { line, text }) = self.paragraph.take() {
            self.add(line, "", &text);
        }
    }

    fn end_rows(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let Some(first) = rows.first() else {
            return Ok(());
        };
        if !rows.get(1).is_some_and(|row| row.text.starts_with("| ---")) {
            bail!(
                "the table at line {} has no head: join it with the table above, or give it one",
                first.line
            );
        }
        for Claim { line, text } in rows.iter().skip(2) {
            let mut cells = cells(text).into_iter();
            let subject = unlinked(&cells.next().unwrap_or_default());
            let rest = cells.collect::<Vec<_>>().join(" | ");
            self.add(*line, &format!("{subject}: "), &rest);
        }
        Ok(())
    }

    fn add(&mut self, line: usize, subject: &str, text: &str) {
        for sentence in sentences(text) {
            if says_something(&sentence) {
                self.claims
                    .push(claim(line, &format!("{subject}{}", unlinked(&sentence))));
            }
        }
    }
}

fn claim(line: usize, text: &str) -> Claim {
    let text = text.to_owned();
    Claim { line, text }
}

/// The text of a list item.
fn item(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = (rest.len() < line.len()).then(|| rest.strip_prefix(". ")).flatten();
    line.strip_prefix("- ").or(numbered)
}

/// The cells of a row; a bar within a code span separates nothing.
fn cells(row: &str) -> Vec<String> {
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').unwrap_or(row);
    let mut cells = vec![String::new()];
    let mut in_code = false;
    for c in row.chars() {
        in_code ^= c == '`';
        if c == '|' && !in_code {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The sentences of a paragraph, split where a full stop outside of code and brackets stands before a new beginning.
fn sentences(text: &str) -> Vec<String> {
    let text = text.replace("**", "");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = vec![String::new()];
    let (mut in_code, mut depth) = (false, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '`' => in_code = !in_code,
            '(' if !in_code => depth += 1,
            ')' if !in_code => depth = depth.saturating_sub(1),
            _ => {}
        }
        let Some(sentence) = found.last_mut() else { break };
        sentence.push(c);
        if matches!(c, '.' | '?' | '!') && !in_code && depth == 0 && chars.next_if_eq(&' ').is_some() {
            let begins = chars.peek().is_some_and(|next| !next.is_lowercase());
            if begins {
                found.push(String::new());
            } else {
                sentence.push(' ');
            }
        }
    }
    found
}

/// The text with links and images replaced by what they show.
fn unlinked(text: &str) -> String {
    parts(text).flat_map(|(before, shown)| [before, shown]).collect()
}

/// Whether there is a word outside of links.
fn says_something(text: &str) -> bool {
    parts(text).any(|(before, _)| before.chars().any(char::is_alphanumeric))
}

/// Pieces of the text, each with what the link behind it shows.
fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let link = rest.split_once("](").and_then(|(before, behind)| {
            let (before, shown) = before.rsplit_once('[')?;
            let (_, behind) = behind.split_once(')')?;
            Some((before.strip_suffix('!').unwrap_or(before), shown, behind))
        });
        let (before, shown, behind) = link.unwrap_or((rest, "", ""));
        rest = behind;
        Some((before, shown))
    })
}

#[cfg(test)]
mod tests;
