"""Questions in exact numbers: a method's iteration in a setting, as the inequalities from which every SDP is made."""
