using System.Net;
using Microsoft.AspNetCore.Http;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>
/// Lets in who may see the page. On loopback the Host header must be this computer's name: a page of another site whose name
/// was made to point here (DNS rebinding) sends its own. A token is asked for wherever there is one.
/// </summary>
/// <param name="isLoopback">True when the server listens on loopback.</param>
/// <param name="token">The token; null: none is asked for.</param>
sealed class RequestGuard(bool isLoopback, AccessToken? token)
{
    /// <summary>The name of the query's field and, with the port, of the cookie.</summary>
    public const string Field = "token";

    const string Bearer = "Bearer ";

    /// <summary>The answer to a request that is not let in; null: it is.</summary>
    public (int Code, string Text)? Refusal(HttpRequest request)
    {
        if (isLoopback && !IsThisComputer(request.Host.Host))
            return (StatusCodes.Status421MisdirectedRequest,
                "This page is for this computer only: use http://localhost or http://127.0.0.1 and the port.");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return (StatusCodes.Status405MethodNotAllowed, "This page can only be read.");
        return token is null || token.IsEqual(Given(request)) ? null
            : (StatusCodes.Status401Unauthorized, "A token is needed: open the address that the program printed.");
    }

    /// <summary>True when the address has the right token in it, which is then better kept in a cookie.</summary>
    public bool HasTokenInAddress(HttpRequest request) => token is not null && token.IsEqual(request.Query[Field]);

    /// <summary>The cookie's name: browsers keep cookies by host, whatever the port.</summary>
    public static string CookieOf(HttpRequest request) => $"{Field}-{request.Host.Port ?? 80}";

    static string? Given(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.Ordinal) ? header[Bearer.Length..]
            : request.Query.TryGetValue(Field, out var query) ? query.ToString() : request.Cookies[CookieOf(request)];
    }

    static bool IsThisComputer(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
