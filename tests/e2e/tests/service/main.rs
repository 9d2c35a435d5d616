//! The whole service, as a producer, a reader and an operator see it.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod duplicates;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod handlers;
#[cfg(test)]
mod interrupted_calls;
#[cfg(test)]
mod measures;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod reconcile;
#[cfg(test)]
mod redrive;
#[cfg(test)]
mod refuse;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod secrecy;
