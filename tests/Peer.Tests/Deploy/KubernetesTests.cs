using DecentralizedLion.Peer.Cli.Init;
using DecentralizedLion.Peer.Cli.Run;
using k8s;
using k8s.Models;

namespace DecentralizedLion.Peer.Tests.Deploy;

/// <summary>The manifests by the types of the published API: a field that it has not is an error.</summary>
public sealed class KubernetesTests
{
    static readonly string text = DeployFile.Read("kubernetes", "ring.yaml");
    static readonly List<object> objects = KubernetesYaml.LoadAllFromString(text, strict: true);

    static V1StatefulSet Peers => objects.OfType<V1StatefulSet>().Single();

    static V1Container Peer => Peers.Spec.Template.Spec.Containers.Single();

    [Fact]
    public void Every_document_is_of_a_kind_of_the_API_and_an_unknown_field_is_refused()
    {
        Assert.Equal([typeof(V1Service), typeof(V1StatefulSet), typeof(V1PodDisruptionBudget), typeof(V1NetworkPolicy)],
            objects.Select(found => found.GetType()));
        Assert.ThrowsAny<Exception>(() =>
            KubernetesYaml.LoadAllFromString(text.Replace("serviceName:", "servicename:", StringComparison.Ordinal), null, true));
    }

    [Fact]
    public async Task A_pod_runs_the_peer_of_its_name_with_flags_that_there_are()
    {
        var run = await DeployFile.Parse<RunOptions>(string.Join(' ', Peer.Args));
        Assert.Equal("$(POD_NAME)", run.Id);
        Assert.All(new[] { run.PeersFile, run.Key!, run.Out!, run.HealthFile! }, path =>
            Assert.Contains(Peer.VolumeMounts, mount => path.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)));
        Assert.All(new[] { Peer.LivenessProbe, Peer.StartupProbe }, probe =>
            Assert.Contains(run.HealthFile!, probe.Exec.Command[^1]));
        var copy = Peers.Spec.Template.Spec.InitContainers.Single();
        Assert.Equal(run.Key, copy.Command[^1]);
        Assert.Equal("$(POD_NAME).key", copy.VolumeMounts.Single(mount => mount.Name == "keys").SubPathExpr);
    }

    [Fact]
    public void Names_and_ports_fit_each_other()
    {
        var service = objects.OfType<V1Service>().Single();
        var (set, pod) = (Peers, Peers.Spec.Template);
        Assert.Equal(service.Metadata.Name, set.Spec.ServiceName);
        Assert.Equal("None", service.Spec.ClusterIP);
        Assert.True(service.Spec.PublishNotReadyAddresses);
        Assert.Equal("Parallel", set.Spec.PodManagementPolicy);
        Assert.All(
            [
                service.Spec.Selector, set.Spec.Selector.MatchLabels,
                objects.OfType<V1PodDisruptionBudget>().Single().Spec.Selector.MatchLabels,
                objects.OfType<V1NetworkPolicy>().Single().Spec.PodSelector.MatchLabels,
            ], labels => Assert.Equal(pod.Metadata.Labels, labels));
        Assert.Equal(InitOptions.DefaultPort, service.Spec.Ports.Single().Port);
        Assert.Equal(InitOptions.DefaultPort, Peer.Ports.Single().ContainerPort);
        string[] volumes = [.. pod.Spec.Volumes.Select(volume => volume.Name),
            .. set.Spec.VolumeClaimTemplates.Select(claim => claim.Metadata.Name)];
        Assert.All(pod.Spec.InitContainers.Append(Peer).SelectMany(container => container.VolumeMounts),
            mount => Assert.Contains(mount.Name, volumes));
    }

    /// <summary>The command in its comment makes a peer for each pod, at the pod's stable name.</summary>
    [Fact]
    public async Task The_peers_file_of_the_comment_has_the_pods()
    {
        var init = await DeployFile.Parse<InitOptions>(DeployFile.CommandsIn(text).Single());
        var (set, service) = (Peers.Metadata.Name, Peers.Spec.ServiceName);
        Assert.Equal(Enumerable.Range(0, Peers.Spec.Replicas!.Value).Select(i => $"{set}-{i}={set}-{i}.{service}"), init.Hosts);
        Assert.Equal(Peers.Spec.Replicas.Value / 2 + 1,
            int.Parse(objects.OfType<V1PodDisruptionBudget>().Single().Spec.MinAvailable.Value));
        Assert.True(Peers.Spec.Template.Spec.SecurityContext.RunAsNonRoot);
    }
}
