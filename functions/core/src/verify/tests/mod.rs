//! Vectors: deliveries that producers' own code, their documentation or independent implementations have made.

mod refused;
mod vectors;
