"""Profiles of the test project's own, and what is none."""

from session_timeout.compliance import Clause, Profile

kiosk = Profile("kiosk", "Kiosks", idle=Clause("§ 3", 120))
staff = Profile("staff", "Staff", absolute=Clause("§ 4", 36000, "should"))
imposter = Profile("pci-dss-4", "Another", idle=Clause("1", 5))
both = [kiosk, staff]
mixed = [kiosk, "staff"]
nothing = ()
number = 900
