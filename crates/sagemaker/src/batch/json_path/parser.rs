//! The parser of paths.

use super::{JsonPathError, MAX_PATH_CHARS, PathStep, Position};

/// Parses a path into its steps.
pub(super) fn parse(text: &str) -> Result<Vec<PathStep>, JsonPathError> {
    let characters: Vec<char> = text.chars().collect();
    let mut parser = Parser { text, characters: &characters, at: 0 };
    if characters.len() > MAX_PATH_CHARS {
        parser.at = MAX_PATH_CHARS;
        return Err(parser.error(format!("a path has at most {MAX_PATH_CHARS} characters")));
    }
    parser.expect('$')?;
    let mut steps = Vec::new();
    while let Some(next) = parser.peek() {
        if let Some(PathStep::Names(names)) = steps.last()
            && names.len() > 1
        {
            return Err(parser.error("several names must be the last part of a path".to_owned()));
        }
        steps.push(match next {
            '.' => {
                parser.at += 1;
                match parser.peek() {
                    Some('[') => parser.bracket()?,
                    _ => parser.dotted()?,
                }
            }
            '[' => parser.bracket()?,
            _ => return Err(parser.unexpected("\".\" or \"[\"")),
        });
    }
    Ok(steps)
}

struct Parser<'t> {
    text: &'t str,
    characters: &'t [char],
    /// The number of characters that are parsed.
    at: usize,
}

impl Parser<'_> {
    fn error(&self, reason: String) -> JsonPathError {
        JsonPathError { path: self.text.to_owned(), position: self.at, reason }
    }

    fn unexpected(&self, expected: &str) -> JsonPathError {
        self.error(match self.peek() {
            Some(found) => format!("unexpected {found:?} (expected {expected})"),
            None => format!("the path ends too early (expected {expected})"),
        })
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    /// Passes a character if it is the next.
    fn accept(&mut self, character: char) -> bool {
        let is_next = self.peek() == Some(character);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, character: char) -> Result<(), JsonPathError> {
        if self.accept(character) { Ok(()) } else { Err(self.unexpected(&format!("{character:?}"))) }
    }

    fn skip_spaces(&mut self) {
        while self.accept(' ') {}
    }

    /// Parses what follows a dot.
    fn dotted(&mut self) -> Result<PathStep, JsonPathError> {
        if self.accept('*') {
            return Ok(PathStep::All);
        }
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            self.at += 1;
        }
        if start == self.at {
            return Err(self.unexpected("a name, \"*\" or \"[\""));
        }
        Ok(PathStep::Names(vec![self.characters[start..self.at].iter().collect()]))
    }

    /// Parses from an opening to a closing bracket.
    fn bracket(&mut self) -> Result<PathStep, JsonPathError> {
        let start = self.at;
        self.expect('[')?;
        self.skip_spaces();
        let step = match self.peek() {
            Some('*') => {
                self.at += 1;
                self.skip_spaces();
                PathStep::All
            }
            Some('\'' | '"') => PathStep::Names(self.list(Self::quoted)?),
            _ => PathStep::Positions(self.list(Self::position)?),
        };
        self.expect(']')?;
        if let PathStep::Positions(positions) = &step
            && positions.iter().filter(|position| matches!(position, Position::Slice { .. })).count() > 1
        {
            let format: String = self.characters[start..self.at].iter().collect();
            self.at = start;
            return Err(self.error(format!(
                "only single range filters of format (eg: [1:5]) are supported. Format {format} is not supported"
            )));
        }
        Ok(step)
    }

    fn list<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, JsonPathError>,
    ) -> Result<Vec<T>, JsonPathError> {
        let mut items = Vec::new();
        loop {
            self.skip_spaces();
            items.push(item(self)?);
            self.skip_spaces();
            if !self.accept(',') {
                return Ok(items);
            }
        }
    }

    /// Parses a name in quotes, without escapes.
    fn quoted(&mut self) -> Result<String, JsonPathError> {
        let Some(quote @ ('\'' | '"')) = self.peek() else {
            return Err(self.unexpected("a name in quotes"));
        };
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|c| c != quote && c != '\\') {
            self.at += 1;
        }
        let name = self.characters[start..self.at].iter().collect();
        self.expect(quote)?;
        Ok(name)
    }

    fn position(&mut self) -> Result<Position, JsonPathError> {
        let start = self.number()?;
        self.skip_spaces();
        if !self.accept(':') {
            return start.map(Position::Index).ok_or_else(|| self.unexpected("a number, a slice or a name"));
        }
        self.skip_spaces();
        Ok(Position::Slice { start, end: self.number()? })
    }

    /// Parses a number if there is one.
    fn number(&mut self) -> Result<Option<i64>, JsonPathError> {
        let start = self.at;
        self.accept('-');
        let digits = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        if start == self.at {
            return Ok(None);
        }
        if digits == self.at {
            return Err(self.unexpected("a digit"));
        }
        let text: String = self.characters[start..self.at].iter().collect();
        text.parse().map(Some).map_err(|_| {
            self.at = start;
            self.error(format!("the number {text} is too large"))
        })
    }
}
