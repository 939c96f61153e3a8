using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>The report on links, in plain words: a line each way.</summary>
/// <param name="roster">All peers.</param>
/// <param name="self">This one.</param>
/// <param name="runs">Whether this peer runs here now: it has our ports, and what others send goes to it.</param>
sealed class LinkReport(Roster roster, RosterEntry self, bool runs)
{
    /// <summary>The lines about one other peer.</summary>
    public IEnumerable<CheckResult> Of(LinkDiagnosis diagnosis)
    {
        var other = roster.Peers[diagnosis.Peer];
        yield return Outward(other, diagnosis);
        yield return Inward(other, diagnosis);
        var differences = diagnosis.Differences;
        if (differences.Count > 0)
            yield return CheckResult.Failed($"{self.Id} = {other.Id}",
                $"their settings differ: {FingerprintDifference.Text(differences)}",
                differences.Any(difference => difference.Field == "protocol") ? "use the same version of the program on all hosts"
                    : differences.All(difference => difference.Field is "data.digest" or "data.shape" or "data.classes")
                    ? "the data must be the same on all hosts: compare the files"
                    : "make peers.json the same on all hosts");
    }

    CheckResult Outward(RosterEntry other, LinkDiagnosis diagnosis)
    {
        var (check, port) = ($"{self.Id} → {other.Id}", roster.PortFor(other.Index, self.Index));
        var at = $"{other.Address} port {port}";
        if (diagnosis.ReachedByUs && !diagnosis.CarriesLongFrames)
            return CheckResult.Warning(check, $"reached at {at}, but a frame of 1 MiB did not come back in time",
                "if the link is not just slow (try a longer --wait), something on the "
                + "way loses large packets: check the MTU of a VPN or tunnel between the hosts");
        if (diagnosis.ReachedByUs)
            return CheckResult.Ok(check, $"reached at {at}"
                + (diagnosis.RoundTrip is { } trip ? $", {Sizes.Text(trip)} there and back" : "")
                + (diagnosis.Differences.Count == 0 ? "; set up alike" : ""));
        if (diagnosis.Dial is { } dial && dial.IsElsewhere(diagnosis.ListeningPort))
            return CheckResult.Failed(check, dial.Describe(other.Id, self.Id),
                dial.DescribeElsewhere(other.Id, diagnosis.ListeningPort));
        if (diagnosis.Dial is { Outcome: not (DialOutcome.Connected or DialOutcome.Closed) } failed)
            return CheckResult.Failed(check, failed.Describe(other.Id, self.Id),
                failed.Advise(other.Id, self.Id, "peer doctor or peer run"));
        if (!diagnosis.IsConnected && !diagnosis.ReachesUs)
            return CheckResult.Warning(check, $"a peer listens at {at}, and did not answer in time",
                "try again, with a longer --wait");
        if (runs)
            return CheckResult.Ok(check, $"reached at {at}");
        return diagnosis.ReachesUs
            ? CheckResult.Failed(check, $"one way only: we hear {other.Id}, and it does not answer at {at}",
                $"compare the addresses and ports of {other.Id} in peers.json on both hosts; or it is only just starting: "
                    + "try again")
            : CheckResult.Ok(check, $"reached at {at}; it does not answer, see the next line");
    }

    CheckResult Inward(RosterEntry other, LinkDiagnosis diagnosis)
    {
        var (check, port) = ($"{other.Id} → {self.Id}", roster.PortFor(self.Index, other.Index));
        if (diagnosis.ReachesUs)
            return CheckResult.Ok(check, $"heard at port {port}");
        if (diagnosis.ListenError is not null)
            return CheckResult.Warning(check, $"not looked at: port {port} is taken",
                runs ? $"stop this host's peer run for a moment, or run peer doctor on {other.Id}'s host" : null);
        var reached = diagnosis.IsConnected && diagnosis.Dial is { Outcome: DialOutcome.Connected };
        return reached
            ? CheckResult.Failed(check, $"one way only: we reach {other.Id}, but its frames do not arrive at our port {port}",
                $"{other.Id} must reach {self.Address} port {port}: open it in this host's firewall to {other.Id}, and compare "
                    + $"{self.Id}'s address and port on both hosts")
            : CheckResult.Warning(check, $"nothing came to port {port} yet, as {other.Id} is not reached either");
    }
}
