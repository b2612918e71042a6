//! A request of a transform job.

/// A request, and the records that it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Payload {
    /// The body of the request: the filtered records, lines separated by line feeds.
    pub body: Vec<u8>,
    /// The number of records.
    pub n_records: usize,
    /// The records before the filter; empty unless the response is joined with them.
    pub records: Vec<Vec<u8>>,
}
