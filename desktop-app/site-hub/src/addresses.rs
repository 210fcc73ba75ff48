//! Where other laptops find this one.

use std::net::IpAddr;

/// In the networks it is part of now, IPv4 first: they are what people can type.
pub fn of_this_machine() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().inspect_err(|wrong| tracing::warn!(error = %wrong, "no address is known"));
    let found = found.unwrap_or_default().into_iter().map(|interface| interface.ip());
    let mut addresses: Vec<IpAddr> = found.filter(|ip| is_typed(*ip)).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

fn is_typed(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local(),
    }
}
